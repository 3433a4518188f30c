import type { Items, Target } from "../../wire";
import { usePolled } from "../system/polled";

const EVERY_MS = 4000;

/** All targets, by name; null until they are known. No message tells of them, so they are asked for now and then. */
export function useTargets() {
  const { data, problem, put } = usePolled<Items<Target>>("/targets", EVERY_MS);
  const set = (items: Target[]) => put({ items, next: null });
  const others = (id: string) => (data?.items ?? []).filter((one) => one.id !== id);
  return {
    targets: data?.items ?? null,
    problem,
    put: (target: Target) =>
      set([...others(target.id), target].sort((one, other) => one.name.localeCompare(other.name))),
    drop: (id: string) => set(others(id)),
  };
}
