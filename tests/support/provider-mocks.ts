import type { runtime } from "@pulumi/pulumi";
import { isMarked, type Json } from "./markers";
import { testCertificate, testKey } from "./pems";

type Fields = Readonly<Record<string, Json>>;

const VALID_UNTIL = "2036-01-01T00:00:00Z";

/** Text of exactly so many lower-case letters that belongs to this name alone, as random.RandomPassword would give. */
export function testPassword(name: string, length: number): string {
  const digits = [...`${name}canary`].map((character) => ((character.codePointAt(0) ?? 0) % 26) + 97);
  return Array.from({ length }, (_, index) =>
    String.fromCharCode(digits[(index * 7 + length) % digits.length] ?? 97),
  ).join("");
}

/** What a real provider computes, for the resource types that the program uses. */
function computed(type: string, name: string, inputs: Fields): Fields {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { ...testKey(name) };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: testCertificate(name), validityEndTime: VALID_UNTIL };
    case "tls:index/certRequest:CertRequest":
      return {
        certRequestPem: `-----BEGIN CERTIFICATE REQUEST-----\n${name}\n-----END CERTIFICATE REQUEST-----\n`,
      };
    case "random:index/randomPassword:RandomPassword":
      return { result: testPassword(name, Number(inputs.length)) };
    case "command:remote:Command":
    case "command:local:Command":
      return { stdout: `{"changed":"true","apiserverExpires":"${VALID_UNTIL}"}\n`, stderr: "" };
    default:
      return known(type, inputs);
  }
}

/** What is known before anything is made: a Stash gives back what it is given. */
function known(type: string, inputs: Fields): Fields {
  return type === "pulumi:index:Stash" ? { output: inputs.input ?? null } : {};
}

/** Outputs that a provider treats as secret because an input that they come from is one. */
const follows: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "command:remote:Command": { stdin: "stdout" },
  "command:local:Command": { stdin: "stdout" },
};

/** Names of the outputs that are secret for this resource beside those that the SDK asks for. */
export function derivedSecrets(type: string, inputs: Fields): readonly string[] {
  return Object.entries(follows[type] ?? {}).flatMap(([input, output]) => {
    const value = inputs[input];
    return value !== undefined && isMarked(value) ? [output] : [];
  });
}

/** In the place of a chart: one object that shows what the chart was given. */
const chartObjects = ({ release_name: name, namespace, values }: Fields) => [
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `chart-${name}`, namespace },
    data: { values: JSON.stringify(values) },
  },
];

/**
 * Stand-ins for the providers. In a preview nothing runs, so computed outputs stay unknown, as they are with the
 * real ones.
 */
export function providerMocks(preview: boolean): runtime.Mocks {
  return {
    call: ({ token, inputs }) => {
      if (token === "kubernetes:helm:template") return { result: chartObjects(JSON.parse(inputs.jsonOpts)) };
      throw new Error(`the program called the function ${token}, for which there is no stand-in`);
    },
    newResource: ({ type, name, inputs, custom }) => ({
      id: custom === true && !preview ? `${name}-id` : undefined,
      state: { ...inputs, ...(preview ? known(type, inputs) : computed(type, name, inputs)) },
    }),
  };
}
