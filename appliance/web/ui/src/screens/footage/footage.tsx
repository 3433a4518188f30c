export function Footage() {
  return (
    <>
      <header class="screen-head">
        <h1>Footage</h1>
      </header>
    </>
  );
}
