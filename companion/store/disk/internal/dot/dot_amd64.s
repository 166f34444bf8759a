#include "textflag.h"

DATA low<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA low<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA low<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA low<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL low<>(SB), RODATA|NOPTR, $32

DATA ones<>+0(SB)/8, $0x0001000100010001
DATA ones<>+8(SB)/8, $0x0001000100010001
DATA ones<>+16(SB)/8, $0x0001000100010001
DATA ones<>+24(SB)/8, $0x0001000100010001
GLOBL ones<>(SB), RODATA|NOPTR, $32

// func nibblesAVX2(codes *byte, q *int8, groups int) int32
//
// A group's products are at most 15*127*2 in a 16-bit lane, and its two halves together
// twice that: far from 32,767. They are widened to 32 bits once a group.
TEXT ·nibblesAVX2(SB), NOSPLIT, $0-28
	MOVQ codes+0(FP), SI
	MOVQ q+8(FP), DI
	MOVQ groups+16(FP), CX
	VMOVDQU low<>(SB), Y14
	VMOVDQU ones<>(SB), Y15
	VPXOR Y0, Y0, Y0

group:
	VMOVDQU (SI), Y1
	VPSRLW $4, Y1, Y2
	VPAND Y14, Y1, Y1
	VPAND Y14, Y2, Y2
	VPMADDUBSW (DI), Y1, Y1
	VPMADDUBSW 32(DI), Y2, Y2
	VPADDW Y2, Y1, Y1
	VPMADDWD Y15, Y1, Y1
	VPADDD Y1, Y0, Y0
	ADDQ $32, SI
	ADDQ $64, DI
	DECQ CX
	JNZ group

	VEXTRACTI128 $1, Y0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0x4e, X0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0xb1, X0, X1
	VPADDD X1, X0, X0
	VMOVD X0, AX
	VZEROUPPER
	MOVL AX, ret+24(FP)
	RET

// Eight vectors: widens their sums, and ends them as judge does. The factors' offset is
// the same as out's; the bits go to the place that SHIFT says.
#define EIGHT(SUMS, OFFSET, SHIFT) \
	VPMOVZXWD SUMS, Y8           \
	VCVTDQ2PS Y8, Y8             \
	VMULPS Y12, Y8, Y8           \
	VADDPS Y13, Y8, Y8           \
	VMULPS OFFSET(SI), Y8, Y8    \
	VADDPS (128+OFFSET)(SI), Y8, Y8 \
	VMOVUPS Y8, OFFSET(DX)       \
	VCMPPS $0x1e, Y11, Y8, Y9    \
	VMOVMSKPS Y9, BX             \
	SHLL $SHIFT, BX              \
	ORL BX, AX

// func signsAVX2(block *byte, table *byte, pairs int, scale, base, bar float32, out *[32]float32) uint32
//
// One shuffle looks up 32 half bytes: the lower lane in the table of four dimensions, the
// upper lane in that of the next four. Sums are of 16 bits: those of odd bytes apart, and
// those of even bytes with the odd ones above them, which are taken off at the end.
TEXT ·signsAVX2(SB), NOSPLIT, $0-52
	MOVQ block+0(FP), SI
	MOVQ table+8(FP), DI
	MOVQ pairs+16(FP), CX
	MOVQ out+40(FP), DX
	VMOVDQU low<>(SB), Y15
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7

pair:
	// What is 4 KiB ahead, since the processor's own reading ahead ends with the page:
	// this doubles the speed where the blocks are in memory and in no cache.
	PREFETCHT0 4096(SI)
	VMOVDQU (SI), Y0
	VMOVDQU (DI), Y1
	VPSRLW $4, Y0, Y2
	VPAND Y15, Y0, Y0
	VPAND Y15, Y2, Y2
	VPSHUFB Y0, Y1, Y0
	VPSHUFB Y2, Y1, Y2
	VPADDW Y0, Y4, Y4
	VPSRLW $8, Y0, Y0
	VPADDW Y0, Y5, Y5
	VPADDW Y2, Y6, Y6
	VPSRLW $8, Y2, Y2
	VPADDW Y2, Y7, Y7
	ADDQ $32, SI
	ADDQ $32, DI
	DECQ CX
	JNZ pair

	VPSLLW $8, Y5, Y0
	VPSUBW Y0, Y4, Y4
	VPSLLW $8, Y7, Y0
	VPSUBW Y0, Y6, Y6
	VEXTRACTI128 $1, Y4, X0
	VPADDW X0, X4, X4
	VEXTRACTI128 $1, Y5, X0
	VPADDW X0, X5, X5
	VEXTRACTI128 $1, Y6, X0
	VPADDW X0, X6, X6
	VEXTRACTI128 $1, Y7, X0
	VPADDW X0, X7, X7
	VPUNPCKLWD X5, X4, X0
	VPUNPCKHWD X5, X4, X1
	VPUNPCKLWD X7, X6, X2
	VPUNPCKHWD X7, X6, X3

	VBROADCASTSS scale+24(FP), Y12
	VBROADCASTSS base+28(FP), Y13
	VBROADCASTSS bar+32(FP), Y11
	XORL AX, AX
	EIGHT(X0, 0, 0)
	EIGHT(X1, 32, 8)
	EIGHT(X2, 64, 16)
	EIGHT(X3, 96, 24)
	VZEROUPPER
	MOVL AX, ret+48(FP)
	RET

// func prefetch(p *byte, lines int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), SI
	MOVQ lines+8(FP), CX

line:
	PREFETCHT0 (SI)
	ADDQ $64, SI
	DECQ CX
	JNZ line
	RET
