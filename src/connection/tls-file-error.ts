/** TLS cannot be done as asked, for want of a file or by what is in it. A plain sentence. Alone here, so that no TLS is loaded for it. */
export class TlsFileError extends Error {}
