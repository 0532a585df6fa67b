/** A text without the passwords that a connection string, a setting or a statement in it may carry. Takes rather too much than too little. */
export function redact(text: string): string {
  return (
    text
      // A blank in a password that was not percent-encoded: then all up to the @.
      .replace(/(\bpostgres(?:ql)?:\/\/[^\s:@/]*):(?:\S*@|[^@\n]*@)/gi, "$1:***@")
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]*@/gi, "$1:***@")
      // What follows the blank when a shell has split such a URI in two.
      .replace(/(Unknown arguments?: )[^\n]*@/, "$1***@")
      .replace(/(password["']?\s*=\s*)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&]+)/gi, "$1***")
      .replace(/(password["']?\s*:\s*|password\s+E?)('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*")/gi, "$1***")
  );
}
