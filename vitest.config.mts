import { defineConfig } from "vitest/config";

// A test that awaits nothing and asserts nothing passes on an empty program; requireAssertions turns it red.
const shared = { expect: { requireAssertions: true } } as const;

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
          exclude: ["tests/engine/**", "tests/sandbox/**"],
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
      // One real cluster, shared by the steps of one file in their order: the files must not run side by side.
      {
        test: {
          ...shared,
          name: "sandbox",
          include: ["tests/sandbox/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 5_400_000,
          bail: 1,
        },
      },
    ],
  },
});
