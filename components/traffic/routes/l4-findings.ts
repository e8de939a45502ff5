import type { Finding } from "../../lib/findings";
import type { Report } from "./findings";
import { gatewaysOf, listOf, titleOfFragment } from "./http";
import { type L4Route, standsFor } from "./l4";
import type { TcpMatch, TlsMatch } from "./types";

type L4Match = TcpMatch | TlsMatch;
type Fields = Readonly<Record<string, unknown>>;

/** Whether every connection that fits b fits a: a asks for nothing that b does not ask for too. */
function covers(a: L4Match, b: L4Match): boolean {
  const { sniHosts = [], ...conditions } = a as TcpMatch & Partial<TlsMatch>;
  const { sniHosts: names = [], ...others } = b as TcpMatch & Partial<TlsMatch>;
  return (
    Object.entries(conditions).every(
      ([field, value]) => JSON.stringify((others as Fields)[field]) === JSON.stringify(value),
    ) &&
    (sniHosts.length === 0 || names.every((name) => sniHosts.some((host) => standsFor(host, name))))
  );
}

const matchesOf = ({ fragment }: L4Route): readonly L4Match[] => {
  const matches = listOf<L4Match>(fragment.match);
  return matches.length === 0 ? [{}] : matches;
};

/** Routes of connections that an earlier one leaves nothing to. */
export function l4Findings(list: "tcp" | "tls", routes: readonly L4Route[], report: Report): Finding[] {
  return routes.flatMap((later, place) =>
    routes.slice(0, place).flatMap((earlier) => {
      const shared = gatewaysOf(later.fragment).filter((gateway) =>
        gatewaysOf(earlier.fragment).includes(gateway),
      );
      const hidden = matchesOf(later).every((match) => matchesOf(earlier).some((one) => covers(one, match)));
      if (shared.length === 0 || !hidden) return [];
      const [first, second] = [earlier, later].map(({ fragment }) => titleOfFragment(fragment));
      const same = JSON.stringify(earlier.spec.route) === JSON.stringify(later.spec.route);
      return [
        report(
          same ? "MP0453" : "MP0451",
          `spec.${list}[${place}]`,
          `route ${first} takes all connections of route ${second} (at ${shared.join(", ")}), which never acts`,
          "drop one, or put a condition to the first",
        ),
      ];
    }),
  );
}
