export function Cameras() {
  return (
    <>
      <header class="screen-head">
        <h1>Cameras</h1>
      </header>
    </>
  );
}
