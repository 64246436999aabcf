#!/bin/sh
# Writes docs/images/report.png, the excerpts of a report that README.md shows: the hits of its first search and its
# first clip. Needs Debian's chromium and imagemagick.
#
#     make demo && sh scripts/dev/report-image.sh runs/simclr_dub/*/report
set -eu
report=$1
page=$report/excerpts.html
shot=$(mktemp --suffix=.png)
trap 'rm -f "$page" "$shot"' EXIT
# All other parts are hidden, not cut out, so that the page keeps its layout.
hidden='header, nav, main > section:not(#retrieval):not(#clips), #retrieval details:not([open]),
  #retrieval h4:nth-of-type(n+2), #retrieval ul:nth-of-type(n+2), #clips .clip ~ .clip'
awk -v style="<style>$(echo $hidden) { display: none !important }</style></head>" \
  '{ sub("</head>", style) } 1' "$report/index.html" > "$page"
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=10000 \
  --window-size=1280,1400 --screenshot="$shot" "file://$(realpath "$page")" 2> /dev/null
mkdir -p docs/images
convert "$shot" -trim +repage -resize 920x -bordercolor '#f7f8fa' -border 12 +dither -colors 224 PNG8:docs/images/report.png
