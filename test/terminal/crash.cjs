// Loaded into the dashboard with NODE_OPTIONS=--require: a bug that strikes when the test says so.
process.on("SIGUSR2", () => {
  setTimeout(() => {
    if (process.env.CRASH === "reject") void Promise.reject(new Error("a promise broke"));
    else throw new Error("something broke");
  });
});
