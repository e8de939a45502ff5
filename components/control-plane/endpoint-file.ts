/** A file that must be on a control plane before kubeadm runs there. No secret is in it. */
export interface EndpointFile {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
}

/** Stands for the interface with the host's own address, which only the host knows; the script puts it in. */
export const ownInterface = "@INTERFACE@";

/** The interface that gets the endpoint's address. */
export const interfaceOf = (endpoint: { readonly interface?: string | undefined }): string =>
  endpoint.interface ?? ownInterface;
