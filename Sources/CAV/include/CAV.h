// FFmpeg's headers. Its libraries are opened by the first call into them, not with the program: with all that they depend
// on they are some 130 files, and more than half of the program's start.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/crc.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/sha.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Opens those libraries. Null, or why one cannot be had.
const char *_Nullable dubkit_open_av(void);
