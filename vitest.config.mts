import { defineConfig } from "vitest/config";

// A test that awaits nothing and asserts nothing passes on an empty program; requireAssertions turns it red.
const shared = { expect: { requireAssertions: true } } as const;

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
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/engine/**", "tests/proxies/**", "tests/sandbox/**"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: "engine",
          include: ["tests/engine/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          ...shared,
          name: "sandbox",
          include: ["tests/{proxies,sandbox}/**/*.test.ts"],
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
