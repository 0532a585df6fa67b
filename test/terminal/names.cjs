// Name resolution that knows one name more, and nothing at all while a file is there: what a broken resolver does.
const { existsSync } = require("node:fs");
const dns = require("node:dns/promises");

const lookup = dns.lookup.bind(dns);
dns.lookup = async (name, options) => {
  if (existsSync(process.env["NAMES_GONE"])) {
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND", syscall: "getaddrinfo" });
  }
  return name === "db.example.test" ? [{ address: "127.0.0.1", family: 4 }] : lookup(name, options);
};
require("node:module").syncBuiltinESMExports();
