#!/usr/bin/env bash
#
# Makes the sample clips beside this script: recordings of a game that does not exist.
#
#   samples/make-samples.sh                    makes all of them
#   samples/make-samples.sh hallway-720p ...   makes the ones that are named
#
# Every clip shows, in the middle of the picture, the number of the frame (counted from 0), its time code
# and the same number as a row of twelve bits that a program can read. README.md says where they are.
# The same version of ffmpeg, x264 and x265 makes the same bytes again.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
all_clips=(boss-fight hallway-720p instant-replay lobby-vfr phone-portrait sunset-hdr10)

fail() {
    printf 'make-samples: %s\n' "$*" >&2
    exit 1
}

# ---------------------------------------------------------------------------------------------------
# What has to be there
# ---------------------------------------------------------------------------------------------------

for program in ffmpeg ffprobe fc-match; do
    command -v "$program" >/dev/null ||
        fail "'$program' is not installed (Debian packages: ffmpeg, fontconfig, fonts-dejavu-core)"
done

encoders=$(ffmpeg -hide_banner -encoders 2>/dev/null)
filters=$(ffmpeg -hide_banner -filters 2>/dev/null)
for encoder in libx264 libx265 aac; do
    grep -q " $encoder " <<<"$encoders" || fail "this ffmpeg has no encoder '$encoder'"
done
for filter in drawtext zscale gradients mandelbrot; do
    grep -q " $filter " <<<"$filters" || fail "this ffmpeg has no filter '$filter'"
done

# fc-match always answers something, so look at what it answered.
font=$(fc-match --format '%{file}' 'DejaVu Sans Mono:bold')
[[ $font == *DejaVuSansMono* ]] ||
    fail "the font DejaVu Sans Mono is not installed (Debian package: fonts-dejavu-core)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---------------------------------------------------------------------------------------------------
# Pictures
# ---------------------------------------------------------------------------------------------------

# even NUMBER - the even number at or below it; chroma has half the resolution.
even() {
    printf '%d' $(($1 - $1 % 2))
}

# scene WIDTH HEIGHT RATE SEED SKY1 SKY2 SKY3 FLOOR GRID LOOK
#
# A moving scene, as a filter graph that ends in [scene]. LOOK is 'arena' (sky, floor, a boss that floats
# about) or 'hallway' (floor and ceiling that come towards the viewer).
scene() {
    local w=$1 h=$2 rate=$3 seed=$4 sky1=$5 sky2=$6 sky3=$7 floor=$8 grid=$9 look=${10}
    local short=$((w < h ? w : h))
    local floor_height=$((h * 2 / 5 / 4 * 4))
    local boss=$((short * 46 / 100 / 4 * 4))
    local wide tall
    wide=$(even $((short / 8)))
    tall=$((wide * 2))

    # The floor is a grid seen from above that scrolls, then leans back.
    cat <<GRAPH
gradients=s=240x136:r=$rate:seed=$seed:nb_colors=3:c0=$sky1:c1=$sky2:c2=$sky3:x0=20:y0=10:x1=200:y1=130:speed=0.004,
  scale=$w:$h:flags=bilinear,setsar=1,format=yuv420p[sky];
color=c=$floor:s=${w}x${h}:r=$rate,format=yuv444p,
  drawgrid=w=$((w / 24)):h=$((h / 12)):t=3:c=$grid,scroll=v=-$(awk "BEGIN { printf \"%.6f\", 0.5 / $rate }"),
  perspective=x0=0:y0=0:x1=W:y1=0:x2=0.38*W:y2=H:x3=0.62*W:y3=H:sense=source,
  scale=$w:$floor_height:flags=bilinear,format=yuv420p[floor];
GRAPH
    if [[ $look == hallway ]]; then
        cat <<GRAPH
[floor]split[floor_a][floor_b];[floor_b]vflip,eq=brightness=-0.08[ceiling];
[sky][floor_a]overlay=0:H-h[half];[half][ceiling]overlay=0:0[set];
GRAPH
    else
        cat <<GRAPH
[sky][floor]overlay=0:H-h[ground];
mandelbrot=s=${boss}x${boss}:r=$rate:maxiter=160:start_x=-0.743643887:start_y=-0.131825904:end_scale=0.002:end_pts=1600,
  format=yuva420p[fractal];
color=c=black:s=${boss}x${boss}:r=1:d=1,format=gray,
  geq=lum='255*clip(1.0-4*(hypot(X-W/2\,Y-H/2)/(W/2)-0.72)\,0\,1)',loop=loop=-1:size=1,setpts=N/($rate*TB),fps=${rate}[disc];
[fractal][disc]alphamerge[boss];
[ground][boss]overlay=x='(W-w)/2+(W*0.24)*sin(t*0.83)':y='H*0.36-h/2+(H*0.10)*sin(t*1.71)':shortest=1[set];
GRAPH
    fi

    # Three players, and the shots of two of them.
    cat <<GRAPH
color=c=#2fc6ff:s=${wide}x${tall}:r=$rate,format=yuv420p,
  drawbox=x=0:y=0:w=iw:h=ih/4:c=#f5d7b0:t=fill,drawbox=x=iw*0.55:y=ih*0.08:w=iw*0.25:h=ih*0.06:c=#101018:t=fill[player1];
color=c=#7be04a:s=${wide}x${tall}:r=$rate,format=yuv420p,
  drawbox=x=0:y=0:w=iw:h=ih/4:c=#8a5a3c:t=fill,drawbox=x=iw*0.2:y=ih*0.08:w=iw*0.25:h=ih*0.06:c=#f8f8f8:t=fill[player2];
color=c=#ff5fa2:s=${wide}x${tall}:r=$rate,format=yuv420p,
  drawbox=x=0:y=0:w=iw:h=ih/4:c=#ffe9c9:t=fill,drawbox=x=iw*0.55:y=ih*0.08:w=iw*0.25:h=ih*0.06:c=#3020a0:t=fill[player3];
color=c=#ffb020:s=$(even $((wide / 2)))x$(even $((wide / 4))):r=$rate,format=yuv420p,split[shot1][shot2];
[set][player1]overlay=x='W*0.10+W*0.07*sin(t*1.9)':y='H*0.93-h-H*0.16*abs(sin(t*2.6))'[set1];
[set1][player2]overlay=x='W*0.80-W*0.08*sin(t*1.3)':y='H*0.96-h-H*0.10*abs(sin(t*3.4+1))'[set2];
[set2][player3]overlay=x='W*0.46+W*0.28*sin(t*0.9)':y='H*0.98-h-H*0.20*max(0\,sin(t*3.1))'[set3];
[set3][shot1]overlay=x='W*0.15+mod(t*W*0.9\,W*0.9)':y='H*0.80-mod(t*W*0.9\,W*0.9)*0.32'[set4];
[set4][shot2]overlay=x='W*0.80-mod(t*W*0.7+300\,W*0.8)':y='H*0.84-mod(t*W*0.7+300\,W*0.8)*0.36'[scene];
GRAPH
}

# hud WIDTH HEIGHT TITLE PLACE
#
# What is written over the scene, as a chain of filters. The plate in the middle is placed in units of
# a 32nd of the width, so that it is at the same place in every landscape clip; README.md gives the numbers.
hud() {
    local w=$1 h=$2 title=$3 place=$4
    local unit=$((w / 32))
    ((h > w)) && unit=$((w / 18))
    local text="drawtext=fontfile=$font:fontcolor=white:expansion=normal"
    local margin=$((unit * 4 / 5)) small=$((unit * 3 / 5))
    local centre=$((h / 2))

    printf '%s:fontsize=%d:x=%d:y=%d:borderw=2:bordercolor=black:text=%s' \
        "$text" "$small" "$margin" "$margin" "'$title'"
    printf ',%s:fontsize=%d:x=w-tw-%d:y=%d:borderw=2:bordercolor=black:text=%s' \
        "$text" "$small" "$margin" "$margin" "'$place'"

    # The plate, 14 x 6 units, and on it the number of the frame and the time code.
    printf ',drawbox=x=%d:y=%d:w=%d:h=%d:c=black@0.72:t=fill' \
        $((w / 2 - unit * 7)) $((centre - unit * 3)) $((unit * 14)) $((unit * 6))
    printf ',%s:fontsize=%d:x=(w-tw)/2:y=%d:text=%s' \
        "$text" $((unit * 7 / 2)) $((centre - unit * 27 / 10)) "'%{eif\\:n\\:u\\:5}'"
    # The time code begins with a space where its sign would be: half a letter to the left centres the rest.
    printf ',%s:fontsize=%d:x=(w-tw)/2-%d:y=%d:text=%s' \
        "$text" $((unit * 13 / 10)) $((unit * 39 / 100)) $((centre + unit * 3 / 10)) "'%{pts\\:hms}'"

    # Twelve bits, one unit each, the highest on the left: white is 1, black is 0.
    local left=$((w / 2 - unit * 6)) top=$((centre + unit * 17 / 10)) bit
    printf ',drawbox=x=%d:y=%d:w=%d:h=%d:c=gray:t=fill' \
        $((left - 4)) $((top - 4)) $((unit * 12 + 8)) $((unit + 8))
    printf ',drawbox=x=%d:y=%d:w=%d:h=%d:c=black:t=fill' "$left" "$top" $((unit * 12)) "$unit"
    for bit in {11..0}; do
        printf ",drawbox=x=%d:y=%d:w=%d:h=%d:c=white:t=fill:enable='gte(mod(n\\,%d)\\,%d)'" \
            $((left + unit * (11 - bit))) "$top" "$unit" "$unit" $((2 ** (bit + 1))) $((2 ** bit))
    done
}

# tags WIDTH HEIGHT - the names of the players over their heads; they follow the paths in scene().
tags() {
    local w=$1 h=$2
    local short=$((w < h ? w : h))
    local wide tall
    wide=$(even $((short / 8)))
    tall=$((wide * 2))
    local text="drawtext=fontfile=$font:fontsize=$((short / 42)):borderw=1:bordercolor=black"
    printf '%s:fontcolor=#9fe4ff:text=LanternFox:x=w*0.10+w*0.07*sin(t*1.9)+%d-tw/2:y=h*0.93-%d-h*0.16*abs(sin(t*2.6))' \
        "$text" $((wide / 2)) $((tall + short / 30))
    printf ',%s:fontcolor=#c0f5a0:text=MossyGolem:x=w*0.80-w*0.08*sin(t*1.3)+%d-tw/2:y=h*0.96-%d-h*0.10*abs(sin(t*3.4+1))' \
        "$text" $((wide / 2)) $((tall + short / 30))
    printf ",%s:fontcolor=#ffb8d8:text=QuietComet:x=w*0.46+w*0.28*sin(t*0.9)+%d-tw/2:y='h*0.98-%d-h*0.20*max(0\\,sin(t*3.1))'" \
        "$text" $((wide / 2)) $((tall + short / 30))
}

# ---------------------------------------------------------------------------------------------------
# Sound
# ---------------------------------------------------------------------------------------------------

# music BASE_FREQUENCY STEPS_PER_SECOND - a bass, an arpeggio that wanders between the ears, and a tick on
# every whole second.
music() {
    local base=$1 steps=$2
    local phase="mod(t*$steps\\,1)"
    local note="$base*4*pow(2\\,(3*mod(floor(t*$steps)\\,4)+2*mod(floor(t*$steps/8)\\,3))/12)"
    local bass="0.22*sin(2*PI*$base*t)*exp(-3*mod(t*$steps/4\\,1))"
    local arpeggio="0.16*sin(2*PI*($note)*t)*exp(-4*$phase)"
    local tick="0.25*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.04)"
    printf 'aevalsrc=exprs=%s|%s:s=48000:c=stereo' \
        "'$bass+$arpeggio*(0.6+0.4*sin(t))+$tick'" "'$bass+$arpeggio*(0.6-0.4*sin(t))+$tick'"
}

# ---------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------

bt709=(-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv)
to709='scale=in_color_matrix=bt601:out_color_matrix=bt709:in_range=tv:out_range=tv,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv'
aac=(-c:a aac -ar 48000 -ac 2)

# encode OUTPUT CREATION_TIME GRAPH ARGUMENTS... - runs ffmpeg so that it writes the same bytes every time.
encode() {
    local output=$1 created=$2 graph=$3
    shift 3
    ffmpeg -hide_banner -nostdin -loglevel error -y -fflags +bitexact \
        -filter_complex "$graph" -map '[picture]' "$@" \
        -threads 1 -flags +bitexact -fflags +bitexact -map_metadata -1 \
        -metadata creation_time="$created" -movflags +faststart "$output"
}

# put CLIP - moves a finished file to its place, so that nobody ever sees half of one.
put() {
    chmod 644 "$work/$1.mp4"
    mv "$work/$1.mp4" "$here/$1.mp4"
    printf 'made %-20s %9d bytes\n' "$1.mp4" "$(stat -c %s "$here/$1.mp4")"
}

make_boss-fight() {
    local graph
    graph="$(scene 1920 1080 60 7 '#120a30' '#6a1f66' '#0d3556' '#150c26' '#b04ad8' arena)
color=c=#d02040:s=960x22:r=60,format=yuv420p[health];color=c=#301018:s=960x22:r=60,format=yuv420p[lost];
[health][lost]overlay=x='960-31*t':y=0[bar];[scene][bar]overlay=x=480:y=84[barred];
[barred]$(tags 1920 1080),$(hud 1920 1080 'CINDER HOLLOW' 'THE ASHEN WARDEN'),$to709,trim=end_frame=1622,format=yuv420p[picture];
$(music 55 8),atrim=end=27.0333333[sound]"
    encode "$work/boss-fight.mp4" 2025-11-08T20:14:31Z "$graph" -map '[sound]' \
        -c:v libx264 -profile:v high -preset medium -b:v 1950k -maxrate 6000k -bufsize 8000k -g 300 -keyint_min 30 \
        -x264-params bframes=3:b-pyramid=normal:scenecut=0:open-gop=0 "${bt709[@]}" "${aac[@]}" -b:a 96k
}

make_hallway-720p() {
    local graph
    graph="$(scene 1280 720 30 21 '#20282c' '#4a5a50' '#182028' '#23201c' '#c0a060' hallway)
[scene]$(tags 1280 720),$(hud 1280 720 'CINDER HOLLOW' 'LOWER HALLWAY'),$to709,trim=end_frame=300,format=yuv420p[picture];
$(music 49 4),atrim=end=10[sound]"
    encode "$work/hallway-720p.mp4" 2025-11-08T20:02:10Z "$graph" -map '[sound]' \
        -c:v libx264 -profile:v main -preset medium -b:v 1300k -g 60 -bf 2 "${bt709[@]}" "${aac[@]}" -b:a 96k
}

make_instant-replay() {
    local graph
    graph="$(scene 1280 720 60 33 '#0a2a20' '#107050' '#204060' '#0c1a18' '#40d8a0' arena)
[scene]$(tags 1280 720),$(hud 1280 720 'CINDER HOLLOW' 'REPLAY'),$to709,trim=end_frame=42,format=yuv420p[picture];
$(music 65 8),atrim=end=0.7[sound]"
    encode "$work/instant-replay.mp4" 2025-11-08T20:15:02Z "$graph" -map '[sound]' \
        -c:v libx264 -profile:v high -preset medium -crf 22 "${bt709[@]}" "${aac[@]}" -b:a 96k
}

# A capture that drops frames when nothing happens or the machine is busy: frame times are uneven, and the
# number of a frame is its time in 60ths of a second. No sound.
make_lobby-vfr() {
    local graph
    graph="$(scene 1280 720 60 5 '#302018' '#805030' '#503048' '#241a14' '#e0a050' hallway)
[scene]$(tags 1280 720),$(hud 1280 720 'CINDER HOLLOW' 'LOBBY'),$to709,trim=end_frame=360,
select='if(between(t\\,2\\,3.2)\\,not(mod(n\\,12))\\,if(between(t\\,4\\,4.5)\\,eq(n\\,240)\\,not(mod(n\\,2))+not(mod(n\\,7))))',format=yuv420p[picture]"
    encode "$work/lobby-vfr.mp4" 2025-11-08T19:55:40Z "$graph" -fps_mode vfr -enc_time_base 1:60 -video_track_timescale 60000 \
        -c:v libx264 -profile:v high -preset medium -crf 31 -g 120 "${bt709[@]}"
}

# The sensor of a phone is landscape: the picture is stored lying on its side, with a display matrix that
# turns it a quarter clockwise.
make_phone-portrait() {
    local graph
    graph="$(scene 720 1280 30 11 '#102050' '#5080c0' '#c07090' '#101c30' '#60a0ff' arena)
[scene]$(tags 720 1280),$(hud 720 1280 'CINDER HOLLOW' 'POCKET'),$to709,trim=end_frame=180,transpose=cclock,format=yuv420p[picture];
$(music 62 4),atrim=end=6[sound]"
    encode "$work/lying.mp4" 2025-11-08T21:30:00Z "$graph" -map '[sound]' \
        -c:v libx264 -profile:v high -preset medium -b:v 1300k -g 30 "${bt709[@]}" "${aac[@]}" -b:a 96k

    # Up to ffmpeg 5 a tag of the stream asks for the matrix, from 6 on an option of the input does. Both count
    # degrees counter-clockwise.
    local before=() after=() options
    options=$(ffmpeg -hide_banner -h full 2>/dev/null)
    if grep -q -- '^ *-display_rotation' <<<"$options"; then
        before=(-display_rotation:v:0 -90)
    else
        after=(-metadata:s:v:0 rotate=270)
    fi
    ffmpeg -hide_banner -nostdin -loglevel error -y "${before[@]}" -i "$work/lying.mp4" -map 0 -c copy "${after[@]}" \
        -fflags +bitexact -metadata creation_time=2025-11-08T21:30:00Z -movflags +faststart "$work/phone-portrait.mp4"
    [[ $(ffprobe -v error -select_streams v:0 -show_entries stream_side_data=rotation \
        -of default=nw=1:nk=1 "$work/phone-portrait.mp4") == -90 ]] ||
        fail "this ffmpeg did not write the display matrix of phone-portrait.mp4"
}

# HDR10. The scene is drawn as ordinary BT.709 video whose white is put at 203 cd/m2 (ITU-R BT.2408). The
# sun is a second picture whose white is at 1000 cd/m2; the brighter of the two counts, in PQ.
make_sunset-hdr10() {
    local pq='transfer=smpte2084:primaries=bt2020:range=full'
    local in='transferin=bt709:primariesin=bt709:matrixin=gbr:rangein=full'
    local graph
    graph="$(scene 1920 1080 30 17 '#301848' '#c05030' '#e09040' '#20141c' '#d07838' arena)
[scene]$(tags 1920 1080),$(hud 1920 1080 'CINDER HOLLOW' 'WEST RIDGE'),trim=end_frame=150,
  scale=in_color_matrix=bt601:in_range=tv:out_range=pc,format=gbrp,format=gbrp16,setparams=colorspace=gbr:color_trc=bt709:color_primaries=bt709:range=pc,
  zscale=$in:transfer=linear:npl=203,format=gbrpf32le,zscale=$pq:npl=203,format=gbrp12[base];
color=c=black:s=960x540:r=1:d=1,format=gbrp,
  geq=r='255*clip(1.35-hypot(X-790\\,Y-120)/52\\,0\\,1)':g='225*clip(1.30-hypot(X-790\\,Y-120)/52\\,0\\,1)':b='165*clip(1.25-hypot(X-790\\,Y-120)/52\\,0\\,1)',
  scale=1920:1080:flags=bilinear,format=gbrp16,setparams=colorspace=gbr:color_trc=bt709:color_primaries=bt709:range=pc,
  zscale=$in:transfer=linear:npl=1000,format=gbrpf32le,zscale=$pq:npl=1000,format=gbrp12,
  loop=loop=-1:size=1,setpts=N/(30*TB),fps=30[sun];
[base][sun]blend=all_mode=lighten:shortest=1,
  zscale=transferin=smpte2084:primariesin=bt2020:matrixin=gbr:rangein=full:transfer=smpte2084:primaries=bt2020:matrix=2020_ncl:range=limited:dither=error_diffusion,
  format=yuv420p10le[picture];
$(music 41 4),atrim=end=5[sound]"
    encode "$work/sunset-hdr10.mp4" 2025-11-08T20:40:12Z "$graph" -map '[sound]' \
        -c:v libx265 -profile:v main10 -preset medium -b:v 1700k -tag:v hvc1 \
        -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv \
        -x265-params "log-level=error:info=0:pools=none:frame-threads=1:keyint=60:bframes=4:hdr10=1:hdr10-opt=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:chromaloc=0:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,180" \
        "${aac[@]}" -b:a 96k
}

# ---------------------------------------------------------------------------------------------------

clips=("$@")
((${#clips[@]})) || clips=("${all_clips[@]}")
for clip in "${clips[@]}"; do
    [[ " ${all_clips[*]} " == *" $clip "* ]] || fail "there is no sample '$clip'; there are: ${all_clips[*]}"
done
for clip in "${clips[@]}"; do
    "make_$clip"
    put "$clip"
done
