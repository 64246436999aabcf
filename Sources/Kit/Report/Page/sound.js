// Sounds, of which one plays at a time: buttons on images, and spectrograms that show and set the position.
"use strict";

(() => {
  const player = new Audio();
  let current = null;

  function stop() {
    player.pause();
    current?.classList.remove("playing");
    current?.setAttribute("aria-pressed", "false");
    current = null;
  }

  function pauseTracks(but) {
    for (const audio of document.querySelectorAll("audio")) if (audio !== but) audio.pause();
  }

  for (const button of document.querySelectorAll("button.play")) {
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const wasPlaying = button === current;
      stop();
      if (wasPlaying) return;
      pauseTracks(null);
      current = button;
      button.classList.add("playing");
      button.setAttribute("aria-pressed", "true");
      player.src = button.dataset.sound;
      player.play().catch(stop);
    });
  }
  player.addEventListener("ended", stop);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });

  for (const track of document.querySelectorAll(".track")) {
    const audio = track.querySelector("audio");
    const picture = track.querySelector(".sound");
    const head = track.querySelector(".head");
    const follow = () => {
      head.style.left = `${(100 * audio.currentTime) / (audio.duration || 1)}%`;
      if (!audio.paused) requestAnimationFrame(follow);
    };
    audio.addEventListener("play", () => {
      stop();
      pauseTracks(audio);
      track.classList.add("playing");
      follow();
    });
    audio.addEventListener("seeked", follow);
    audio.addEventListener("pause", () => track.classList.remove("playing"));
    audio.addEventListener("ended", () => { head.style.left = "0"; });
    picture.addEventListener("click", (event) => {
      const frame = picture.getBoundingClientRect();
      const share = (event.clientX - frame.left) / frame.width;
      const seek = () => { audio.currentTime = share * audio.duration; };
      if (Number.isFinite(audio.duration)) seek(); else audio.addEventListener("loadedmetadata", seek, { once: true });
      audio.play().catch(() => {});
    });
  }
})();
