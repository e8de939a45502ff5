import { defineConfig } from "vitest/config";

// A test that awaits nothing and asserts nothing passes on an empty program; requireAssertions turns it red.
const shared = { expect: { requireAssertions: true } } as const;

// Nothing of the user's home, cache and state reaches these; what they need besides, their set-up gets.
const hermetic = { ...shared, setupFiles: ["tests/setup/hermetic.ts"] };

/** Half an hour and more each, so they have to be asked for. */
const long = ["gateways", "kill-matrix", "lab", "mesh-changes", "traffic", "upgrade"].map(
  (name) => `tests/sandbox/${name}.test.ts`,
);

// One real cluster, shared by the steps of one file in their order: the files must not run side by side.
const oneCluster = {
  fileParallelism: false,
  testTimeout: 7_200_000,
  hookTimeout: 5_400_000,
  bail: 1,
};

export default defineConfig({
  test: {
    // By default one core is kept free, which on two cores doubles the time.
    maxWorkers: "100%",
    reporters: [
      "default",
      ...(process.env.GITHUB_ACTIONS === "true" ? ["github-actions"] : []),
      "./tests/setup/skips.ts",
    ],
    projects: [
      {
        test: {
          ...hermetic,
          name: "unit",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/{engine,programs,proxies,sandbox}/**"],
          globalSetup: ["tests/setup/run-folder.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...hermetic,
          name: "engine",
          include: ["tests/engine/**/*.test.ts"],
          globalSetup: ["tests/setup/run-folder.ts", "tests/setup/tools.ts"],
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          ...shared,
          name: "sandbox",
          include: ["tests/{programs,proxies,sandbox}/**/*.test.ts"],
          exclude: long,
          ...oneCluster,
        },
      },
      {
        test: {
          ...shared,
          name: "sandbox-long",
          include: long,
          ...oneCluster,
        },
      },
    ],
  },
});
