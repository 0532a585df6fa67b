import type { LockQueue } from "../model/lock-queue.ts";

/** What is waited for, to go after "waits for": "AccessExclusiveLock on public.products", "the end of transaction 4711". */
export function lockPhrase(queue: LockQueue, whose = ""): string {
  const { lockType, mode, relation, object } = queue;
  switch (lockType) {
    case "relation":
      return `${mode} on ${relation ?? "a relation"}`;
    case "transactionid":
      return `the end of transaction ${object}${whose}`;
    case "virtualxid":
      return `the end of virtual transaction ${object}${whose}`;
    case "tuple":
      return `its turn at row ${object} of ${relation ?? "a table"}`;
    case "extend":
      return `its turn to extend ${relation ?? "a relation"}`;
    case "page":
      return `${mode} on ${object} of ${relation ?? "a relation"}`;
    case "advisory":
      return `advisory lock ${object} (${mode})`;
    // By its old name up to 12, and without the transaction up to 15.
    case "spectoken":
    case "speculative token":
      return `what becomes of a row that transaction${/^\d+$/.test(object) ? ` ${object}` : ""}${whose} is inserting with ON CONFLICT`;
    case "applytransaction":
      return `the end of a transaction ${object} that a subscription applies`;
    case "frozenid":
      return "its turn to note how far its database is frozen";
    case "object":
      return `${mode} on an object that is no relation (${object})`;
    default:
      return [`${mode} of type`, lockType, object, relation === null ? "" : `on ${relation}`]
        .filter((part) => part !== "")
        .join(" ");
  }
}

/** What that means, where it does not say so itself; empty where it does. */
export function lockMeaning({ lockType }: LockQueue): string {
  switch (lockType) {
    case "transactionid":
      return ": for a row, or a key, that it has written or locked";
    case "virtualxid":
      return ": each that may see what is to go has to end first";
    case "tuple":
      return ", which somebody else is the next to get";
    case "advisory":
      return ", which means what the application wants it to mean";
    default:
      return "";
  }
}
