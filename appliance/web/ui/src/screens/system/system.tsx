export function System() {
  return (
    <>
      <header class="screen-head">
        <h1>System</h1>
      </header>
    </>
  );
}
