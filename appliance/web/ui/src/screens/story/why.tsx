import type { Event } from "../../wire";
import { tight } from "../../words";

const signed = (points: number) => (points < 0 ? `−${-points}` : `+${points}`);

/** What its score is made of. */
export function Why({ event }: { event: Event }) {
  return (
    <section class="panel story-why" aria-labelledby="story-why">
      <h2 id="story-why">Why {event.risk_score}?</h2>
      <table>
        <thead class="unseen">
          <tr>
            <th scope="col">What counts</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {event.risk_factors.map(({ name, points, detail }) => (
            <tr key={name} class={points === 0 ? "muted" : undefined}>
              <td>{tight(detail)}</td>
              <td>{signed(points)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Risk, from 0 to 100</th>
            <td>{event.risk_score}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
