export function Events() {
  return (
    <>
      <header class="screen-head">
        <h1>Events</h1>
      </header>
    </>
  );
}
