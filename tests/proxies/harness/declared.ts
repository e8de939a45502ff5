import type { KubeObject } from "../../../components/lib/objects";
import { type Api, pathOf } from "./api";

/** What is declared at the moment, on top of what is always there. */
export class Declared {
  private objects = new Map<string, KubeObject>();
  private readonly base = new Map<string, KubeObject>();
  private readonly api: Api;

  constructor(api: Api) {
    this.api = api;
  }

  /** Something that tests may replace for a while. */
  async always(object: KubeObject): Promise<void> {
    this.base.set(pathOf(object), object);
    await this.api.apply(object);
  }

  /** Makes these objects all that is declared. Gives them back as the API server has them, with their age. */
  async become(objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
    const wanted = new Map(objects.map((object) => [pathOf(object), object]));
    const gone = [...this.objects].filter(([path]) => !wanted.has(path));
    await Promise.all(
      gone.map(([path, object]) => {
        const before = this.base.get(path);
        return before === undefined ? this.api.remove(object) : this.api.apply(before);
      }),
    );
    const kept = await Promise.all(objects.map((object) => this.api.apply(object)));
    this.objects = wanted;
    return kept as KubeObject[];
  }
}
