export function Story() {
  return (
    <>
      <header class="screen-head">
        <h1>Story</h1>
      </header>
    </>
  );
}
