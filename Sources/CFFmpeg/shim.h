#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/md5.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

/* Macros that Swift does not import. */

static inline int cffmpeg_AVERROR(int code) { return AVERROR(code); }
static inline int cffmpeg_AVERROR_EOF(void) { return AVERROR_EOF; }
static inline int cffmpeg_AVERROR_EXIT(void) { return AVERROR_EXIT; }
static inline int cffmpeg_AVERROR_INVALIDDATA(void) { return AVERROR_INVALIDDATA; }
static inline int64_t cffmpeg_AV_NOPTS_VALUE(void) { return AV_NOPTS_VALUE; }

/* What differs between releases. */

/// The payload of a stream's side data of this type, or NULL; it belongs to the stream.
static inline const uint8_t *cffmpeg_stream_side_data(
    const AVStream *stream, enum AVPacketSideDataType type, size_t *size)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
    *size = data ? data->size : 0;
    return data ? data->data : NULL;
#else
    return av_stream_get_side_data(stream, type, size);
#endif
}

/// The frame consists of two fields; the upper one of them comes first.
static inline int cffmpeg_frame_is_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame;
#endif
}
static inline int cffmpeg_frame_is_top_field_first(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
    return frame->top_field_first;
#endif
}

/// A parser for the codec, or NULL; newer releases take the codec's id as an enumerator.
static inline AVCodecParserContext *cffmpeg_parser_init(enum AVCodecID codec) { return av_parser_init(codec); }

/* SwsContext is opaque in some releases and a structure in others, and the flags are macros or enumerators; here the
   one is always an untyped pointer, the others a number: bicubic, which does not alias, and exact chroma. */

static inline int64_t cffmpeg_sws_flags(void)
{
    return SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP;
}
static inline void *cffmpeg_sws_alloc_context(void) { return sws_alloc_context(); }
static inline int cffmpeg_sws_init_context(void *context)
{
    return sws_init_context((struct SwsContext *)context, NULL, NULL);
}
static inline void cffmpeg_sws_freeContext(void *context) { sws_freeContext((struct SwsContext *)context); }
static inline int cffmpeg_sws_setColorspaceDetails(
    void *context, int source_matrix, int source_full_range, int target_matrix, int target_full_range)
{
    return sws_setColorspaceDetails(
        (struct SwsContext *)context, sws_getCoefficients(source_matrix), source_full_range,
        sws_getCoefficients(target_matrix), target_full_range, 0, 1 << 16, 1 << 16);
}
static inline int cffmpeg_sws_scale(void *context, const AVFrame *source, const AVFrame *target)
{
    return sws_scale(
        (struct SwsContext *)context, (const uint8_t *const *)source->data, source->linesize, 0, source->height,
        target->data, target->linesize);
}
