export function Alerts() {
  return (
    <>
      <header class="screen-head">
        <h1>Alerts</h1>
      </header>
    </>
  );
}
