export function Live() {
  return (
    <>
      <header class="screen-head">
        <h1>Live</h1>
      </header>
    </>
  );
}
