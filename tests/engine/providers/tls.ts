/** Stand-in for the `tls` provider: keys, certificate requests and certificates. */
import { serve } from "./harness";
import { certRequest } from "./tls/cert-request";
import { locallySignedCert, selfSignedCert } from "./tls/certificate";
import { privateKey } from "./tls/private-key";

const KINDS = {
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};

serve({ version: "5.5.1", kind: (type) => KINDS[type as keyof typeof KINDS] });
