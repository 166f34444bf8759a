#include "textflag.h"

// What Go's assembler has no names for: products of signed bytes, added to 16-bit lanes,
// of the lower eight and of the upper eight; and neighbours of those added to 32 bits.
#define SMULL(M, N, D) WORD $(0x0E20C000 | M<<16 | N<<5 | D)
#define SMLAL(M, N, D) WORD $(0x0E208000 | M<<16 | N<<5 | D)
#define SMLAL2(M, N, D) WORD $(0x4E208000 | M<<16 | N<<5 | D)
#define SADALP(N, D) WORD $(0x4E606800 | N<<5 | D)

// func nibblesNEON(codes *byte, q *int8, groups int) int32
//
// A lane of 16 bits gets eight products of at most 15*127 before it is widened.
TEXT ·nibblesNEON(SB), NOSPLIT, $0-28
	MOVD codes+0(FP), R0
	MOVD q+8(FP), R1
	MOVD groups+16(FP), R2
	VMOVI $15, V16.B16
	VEOR V21.B16, V21.B16, V21.B16

group:
	VLD1.P 32(R0), [V0.B16, V1.B16]
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	VAND V16.B16, V0.B16, V2.B16
	VAND V16.B16, V1.B16, V3.B16
	VUSHR $4, V0.B16, V0.B16
	VUSHR $4, V1.B16, V1.B16
	SMULL(4, 2, 20)
	SMLAL2(4, 2, 20)
	SMLAL(5, 3, 20)
	SMLAL2(5, 3, 20)
	SMLAL(6, 0, 20)
	SMLAL2(6, 0, 20)
	SMLAL(7, 1, 20)
	SMLAL2(7, 1, 20)
	SADALP(20, 21)
	SUBS $1, R2
	BNE group

	VADDV V21.S4, V21
	VMOV V21.S[0], R3
	MOVW R3, ret+24(FP)
	RET

// func sumsNEON(block *byte, table *byte, fours int, sums *[32]uint16)
TEXT ·sumsNEON(SB), NOSPLIT, $0-32
	MOVD block+0(FP), R0
	MOVD table+8(FP), R1
	MOVD fours+16(FP), R2
	MOVD sums+24(FP), R3
	VMOVI $15, V16.B16
	VEOR V20.B16, V20.B16, V20.B16
	VEOR V21.B16, V21.B16, V21.B16
	VEOR V22.B16, V22.B16, V22.B16
	VEOR V23.B16, V23.B16, V23.B16

four:
	PRFM 4096(R0), PLDL1KEEP
	VLD1.P 16(R0), [V0.B16]
	VLD1.P 16(R1), [V1.B16]
	VAND V16.B16, V0.B16, V2.B16
	VUSHR $4, V0.B16, V3.B16
	VTBL V2.B16, [V1.B16], V2.B16
	VTBL V3.B16, [V1.B16], V3.B16
	VUADDW V2.B8, V20.H8, V20.H8
	VUADDW2 V2.B16, V21.H8, V21.H8
	VUADDW V3.B8, V22.H8, V22.H8
	VUADDW2 V3.B16, V23.H8, V23.H8
	SUBS $1, R2
	BNE four

	VST1 [V20.H8, V21.H8, V22.H8, V23.H8], (R3)
	RET

// func prefetch(p *byte, lines int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD lines+8(FP), R1

line:
	PRFM (R0), PLDL1KEEP
	ADD $64, R0
	SUBS $1, R1
	BNE line
	RET
