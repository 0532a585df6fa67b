/** A number as it came over the wire. */
export function numberOrNull(text: string | null | undefined): number | null {
  return text == null ? null : Number(text);
}
