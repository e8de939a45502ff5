/** HTTP of this computer, by the proxies of its environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), which Node's own fetch ignores. */
import type { RequestInit, Response } from "undici";

/** What is asked; `direct` goes past every proxy, as hosts do. Default: by the environment's. */
export type Question = Omit<RequestInit, "dispatcher"> & { readonly direct?: boolean };

/**
 * Asks for an address and works with the answer; connections are closed afterwards.
 *
 * @throws Error where nothing answers, or a proxy in the environment is none.
 */
export async function withAnswer<T>(
  url: string,
  { direct = false, ...options }: Question,
  work: (response: Response) => Promise<T>,
): Promise<T> {
  // Loaded where it is needed: most runs ask nothing.
  const { Agent, EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = direct ? new Agent() : new EnvHttpProxyAgent();
  try {
    return await work(await fetch(url, { ...options, dispatcher }));
  } finally {
    void dispatcher.destroy();
  }
}
