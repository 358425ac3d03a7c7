// The floor that clipship is measured against: the same thumbnails and digests with nothing else. No manifest, no
// check of the file, no colour but that of ordinary recordings, no durable files; it stops at the first surprise.
//
//   floor OUTPUT_FOLDER OFFSET_MILLISECONDS PROCESSES CLIP...
//
// Writes <clip>.large.jpg, <clip>.small.jpg and <clip>.sha256 (the file's digest, then one line a block). Each process
// takes the next clip that nobody has taken; each decodes with one thread.

#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 2000000, LARGE_WIDTH = 856, LARGE_HEIGHT = 424, SMALL_WIDTH = 424, SMALL_HEIGHT = 208 };

static const char *folder;

static void need(int is_fine, const char *what, const char *clip) {
    if (is_fine) return;
    fprintf(stderr, "floor: %s: %s\n", clip, what);
    exit(1);
}

static char *path_for(const char *clip, const char *ending) {
    static char path[4096];
    const char *slash = strrchr(clip, '/');
    const char *name = slash ? slash + 1 : clip;
    const char *dot = strrchr(name, '.');
    snprintf(path, sizeof path, "%s/%.*s%s", folder, dot ? (int)(dot - name) : (int)strlen(name), name, ending);
    return path;
}

// ---------------------------------------------------------------------------------------------------------------------
// The frame: from the keyframe before the offset; of what comes before the frame, only what others refer to.
// ---------------------------------------------------------------------------------------------------------------------

static void find_frame(const char *clip, int64_t milliseconds, AVFrame *best) {
    AVFormatContext *container = NULL;
    need(avformat_open_input(&container, clip, NULL, NULL) >= 0, "can't be opened", clip);
    const AVCodec *codec = NULL;
    int index = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    need(index >= 0, "has no video", clip);
    for (unsigned other = 0; other < container->nb_streams; other++)
        if ((int)other != index) container->streams[other]->discard = AVDISCARD_ALL;
    AVStream *stream = container->streams[index];

    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    need(decoder && avcodec_parameters_to_context(decoder, stream->codecpar) >= 0, "no decoder", clip);
    decoder->thread_count = 1;
    need(avcodec_open2(decoder, codec, NULL) >= 0, "no decoder", clip);

    int64_t target = av_rescale_q_rnd(milliseconds, (AVRational){1, 1000}, stream->time_base, AV_ROUND_DOWN);
    need(av_seek_frame(container, index, target, AVSEEK_FLAG_BACKWARD) >= 0, "can't seek", clip);

    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    need(packet && frame, "no memory", clip);
    // All that the wanted frame refers to comes before it in the file, so nothing after it is decoded.
    for (int is_sent = 0; !is_sent;) {
        need(av_read_frame(container, packet) >= 0, "ends too early", clip);
        is_sent = packet->pts <= target && packet->pts + packet->duration > target;
        decoder->skip_frame = is_sent ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
        need(avcodec_send_packet(decoder, packet) >= 0, "can't be decoded", clip);
        av_packet_unref(packet);
        if (is_sent) avcodec_send_packet(decoder, NULL);
        while (avcodec_receive_frame(decoder, frame) >= 0) {
            if (frame->pts > target) continue;
            av_frame_unref(best);
            av_frame_move_ref(best, frame);
        }
    }
    need(best->data[0] != NULL, "has no frame", clip);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    avformat_close_input(&container);
}

// ---------------------------------------------------------------------------------------------------------------------
// The pictures: the middle of the frame, by way of RGB because JPEG has another matrix and range.
// ---------------------------------------------------------------------------------------------------------------------

static AVFrame *picture(int width, int height, enum AVPixelFormat format) {
    AVFrame *frame = av_frame_alloc();
    frame->width = width;
    frame->height = height;
    frame->format = format;
    need(av_frame_get_buffer(frame, 0) >= 0, "no memory", "a picture");
    return frame;
}

// Scales the part of `source` in the middle that has the shape of `target`. The context is made once and used again.
static void scale(struct SwsContext **context, const AVFrame *source, AVFrame *target, int matrix) {
    int width = source->width, height = source->height;
    if ((int64_t)width * target->height > (int64_t)height * target->width)
        width = (int)((int64_t)height * target->width / target->height) & ~1;
    else
        height = (int)((int64_t)width * target->height / target->width) & ~1;
    AVFrame *part = av_frame_clone(source);
    part->crop_left = (size_t)((source->width - width) / 2) & ~1u;
    part->crop_right = (size_t)(source->width - width) - part->crop_left;
    part->crop_top = (size_t)((source->height - height) / 2) & ~1u;
    part->crop_bottom = (size_t)(source->height - height) - part->crop_top;
    need(av_frame_apply_cropping(part, AV_FRAME_CROP_UNALIGNED) >= 0, "can't be cropped", "a picture");
    if (!*context) {
        *context = sws_getContext(width, height, source->format, target->width, target->height, target->format,
                                  SWS_BICUBIC, NULL, NULL, NULL);
        need(*context != NULL, "can't be scaled", "a picture");
        sws_setColorspaceDetails(*context, sws_getCoefficients(matrix), source->color_range == AVCOL_RANGE_JPEG,
                                 sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
    }
    sws_scale(*context, (const uint8_t *const *)part->data, part->linesize, 0, height, target->data, target->linesize);
    av_frame_free(&part);
}

static void encode(struct SwsContext **context, const AVFrame *rgb, const char *path) {
    AVFrame *converted = picture(rgb->width, rgb->height, AV_PIX_FMT_YUVJ420P);
    scale(context, rgb, converted, SWS_CS_ITU601);
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    encoder->width = rgb->width;
    encoder->height = rgb->height;
    encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
    encoder->time_base = (AVRational){1, 1};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = 3 * FF_QP2LAMBDA;
    converted->quality = encoder->global_quality;
    AVPacket *packet = av_packet_alloc();
    need(avcodec_open2(encoder, codec, NULL) >= 0 && avcodec_send_frame(encoder, converted) >= 0 &&
             avcodec_receive_packet(encoder, packet) >= 0,
         "can't be encoded", path);
    FILE *file = fopen(path, "wb");
    need(file && fwrite(packet->data, 1, (size_t)packet->size, file) == (size_t)packet->size && fclose(file) == 0,
         "can't be written", path);
    av_packet_free(&packet);
    avcodec_free_context(&encoder);
    av_frame_free(&converted);
}

static void render(const char *clip, const AVFrame *frame) {
    static struct SwsContext *to_large, *to_small, *large_to_jpeg, *small_to_jpeg;
    AVFrame *large = picture(LARGE_WIDTH, LARGE_HEIGHT, AV_PIX_FMT_RGB24);
    AVFrame *small = picture(SMALL_WIDTH, SMALL_HEIGHT, AV_PIX_FMT_RGB24);
    large->color_range = small->color_range = AVCOL_RANGE_JPEG;
    scale(&to_large, frame, large, SWS_CS_ITU709);
    scale(&to_small, large, small, SWS_CS_ITU601);
    encode(&large_to_jpeg, large, path_for(clip, ".large.jpg"));
    encode(&small_to_jpeg, small, path_for(clip, ".small.jpg"));
    av_frame_free(&large);
    av_frame_free(&small);
}

// ---------------------------------------------------------------------------------------------------------------------
// The digests: of the file and of each block, in one reading.
// ---------------------------------------------------------------------------------------------------------------------

static void print_digest(FILE *file, EVP_MD_CTX *context) {
    unsigned char digest[32];
    EVP_DigestFinal_ex(context, digest, NULL);
    for (int index = 0; index < 32; index++) fprintf(file, "%02x", digest[index]);
    fputc('\n', file);
}

static void digest(const char *clip) {
    static unsigned char bytes[BLOCK];
    static EVP_MD_CTX *whole, *block;
    if (!whole) {
        whole = EVP_MD_CTX_new();
        block = EVP_MD_CTX_new();
    }
    int input = open(clip, O_RDONLY);
    need(input >= 0, "can't be opened", clip);
    FILE *output = fopen(path_for(clip, ".sha256"), "w");
    need(output != NULL, "can't be written", clip);
    fprintf(output, "%64s\n", "");  // the file's digest is known last
    EVP_DigestInit_ex(whole, EVP_sha256(), NULL);
    for (;;) {
        size_t filled = 0;
        ssize_t count;
        while (filled < BLOCK && (count = read(input, bytes + filled, BLOCK - filled)) > 0) filled += (size_t)count;
        if (filled == 0) break;
        EVP_DigestInit_ex(block, EVP_sha256(), NULL);
        EVP_DigestUpdate(block, bytes, filled);
        EVP_DigestUpdate(whole, bytes, filled);
        print_digest(output, block);
    }
    rewind(output);
    print_digest(output, whole);
    need(fclose(output) == 0, "can't be written", clip);
    close(input);
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "floor: usage: floor OUTPUT_FOLDER OFFSET_MILLISECONDS PROCESSES CLIP...\n");
        return 2;
    }
    folder = arguments[1];
    int64_t offset = atoll(arguments[2]);
    int processes = atoi(arguments[3]);
    atomic_int *next = mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(next != MAP_FAILED, "no memory", "floor");
    atomic_init(next, 4);
    for (int process = 0; process < processes; process++) {
        if (fork() != 0) continue;
        AVFrame *frame = av_frame_alloc();
        for (int taken; (taken = atomic_fetch_add(next, 1)) < count;) {
            find_frame(arguments[taken], offset, frame);
            render(arguments[taken], frame);
            av_frame_unref(frame);
            digest(arguments[taken]);
        }
        exit(0);
    }
    int status, is_fine = 1;
    while (wait(&status) > 0) is_fine &= status == 0;
    return is_fine ? 0 : 1;
}
