/** A sentence without the passwords that a connection string in it may carry. */
export function redact(text: string): string {
  return text
    .replace(/(\bpostgres(?:ql)?:\/\/[^\s:@/]*):\S*@/g, "$1:***@")
    .replace(/(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)/gi, "$1***");
}
