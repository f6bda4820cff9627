(() => {
  const published = Date.parse(document.getElementById("published-at").dateTime);
  const look = () => {
    const isStale = Date.now() - published > 26 * 3600 * 1000;
    document.getElementById("state").classList.toggle("stale", isStale);
    document.getElementById("stale").hidden = !isStale;
  };
  look();
  setInterval(look, 60 * 1000);
})();
