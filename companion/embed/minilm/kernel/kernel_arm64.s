#include "textflag.h"

// A tile's result is in V0 to V23, four registers a row. V24 to V27 hold one row of b, V28
// one number of a, four times.
//
//	R9 to R14  a, row 0 to 5     R2 bytes between rows of a
//	R3 b                         R4 bytes between rows of b
//	R5 init                      R6 bytes between rows of init
//	R7 c                         R8 bytes between rows of c
//	R0 numbers of a row of a that are left

#define ARGUMENTS \
	MOVD k+0(FP), R0       \
	MOVD a+8(FP), R9       \
	MOVD lda+16(FP), R2    \
	MOVD b+24(FP), R3      \
	MOVD ldb+32(FP), R4    \
	MOVD init+40(FP), R5   \
	MOVD ldinit+48(FP), R6 \
	MOVD c+56(FP), R7      \
	MOVD ldc+64(FP), R8    \
	LSL  $2, R2, R2        \
	LSL  $2, R4, R4        \
	LSL  $2, R6, R6        \
	LSL  $2, R8, R8        \
	ADD  R2, R9, R10       \
	ADD  R2, R10, R11      \
	ADD  R2, R11, R12      \
	ADD  R2, R12, R13      \
	ADD  R2, R13, R14

#define INIT(v0, v1, v2, v3) VLD1 (R5), [v0, v1, v2, v3]; ADD R6, R5
#define INIT1 INIT(V0.S4, V1.S4, V2.S4, V3.S4)
#define INIT2 INIT1; INIT(V4.S4, V5.S4, V6.S4, V7.S4)
#define INIT3 INIT2; INIT(V8.S4, V9.S4, V10.S4, V11.S4)
#define INIT4 INIT3; INIT(V12.S4, V13.S4, V14.S4, V15.S4)
#define INIT5 INIT4; INIT(V16.S4, V17.S4, V18.S4, V19.S4)
#define INIT6 INIT5; INIT(V20.S4, V21.S4, V22.S4, V23.S4)

#define STORE(v0, v1, v2, v3) VST1 [v0, v1, v2, v3], (R7); ADD R8, R7
#define STORE1 STORE(V0.S4, V1.S4, V2.S4, V3.S4)
#define STORE2 STORE1; STORE(V4.S4, V5.S4, V6.S4, V7.S4)
#define STORE3 STORE2; STORE(V8.S4, V9.S4, V10.S4, V11.S4)
#define STORE4 STORE3; STORE(V12.S4, V13.S4, V14.S4, V15.S4)
#define STORE5 STORE4; STORE(V16.S4, V17.S4, V18.S4, V19.S4)
#define STORE6 STORE5; STORE(V20.S4, V21.S4, V22.S4, V23.S4)

// STEP adds the next number of each row of a times one row of b.
#define STEP(row, v0, v1, v2, v3) \
	VLD1R.P 4(row), [V28.S4]     \
	VFMLA   V24.S4, V28.S4, v0   \
	VFMLA   V25.S4, V28.S4, v1   \
	VFMLA   V26.S4, V28.S4, v2   \
	VFMLA   V27.S4, V28.S4, v3
#define STEP1 STEP(R9, V0.S4, V1.S4, V2.S4, V3.S4)
#define STEP2 STEP1; STEP(R10, V4.S4, V5.S4, V6.S4, V7.S4)
#define STEP3 STEP2; STEP(R11, V8.S4, V9.S4, V10.S4, V11.S4)
#define STEP4 STEP3; STEP(R12, V12.S4, V13.S4, V14.S4, V15.S4)
#define STEP5 STEP4; STEP(R13, V16.S4, V17.S4, V18.S4, V19.S4)
#define STEP6 STEP5; STEP(R14, V20.S4, V21.S4, V22.S4, V23.S4)

#define TILE(INITS, STEPS, STORES) \
	ARGUMENTS \
	INITS \
next: \
	VLD1 (R3), [V24.S4, V25.S4, V26.S4, V27.S4] \
	ADD  R4, R3 \
	STEPS \
	SUBS $1, R0, R0 \
	BNE  next \
	STORES \
	RET

// func tile1(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile1(SB), NOSPLIT, $0-72
	TILE(INIT1, STEP1, STORE1)

// func tile2(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile2(SB), NOSPLIT, $0-72
	TILE(INIT2, STEP2, STORE2)

// func tile3(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile3(SB), NOSPLIT, $0-72
	TILE(INIT3, STEP3, STORE3)

// func tile4(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile4(SB), NOSPLIT, $0-72
	TILE(INIT4, STEP4, STORE4)

// func tile5(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile5(SB), NOSPLIT, $0-72
	TILE(INIT5, STEP5, STORE5)

// func tile6(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)
TEXT ·tile6(SB), NOSPLIT, $0-72
	TILE(INIT6, STEP6, STORE6)

// What Go's assembler has no name for, on four float32 (Arm Architecture Reference Manual,
// C7.2). The arguments are numbers of registers, the result's last.
#define FCVTL(n, d)   WORD $(0x0e217800 | (n)<<5 | (d))             // the lower four float16
#define FCVTL2(n, d)  WORD $(0x4e217800 | (n)<<5 | (d))             // the upper four
#define FADD(n, m, d) WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d))   // n + m
#define FSUB(n, m, d) WORD $(0x4ea0d400 | (m)<<16 | (n)<<5 | (d))   // n - m
#define FMUL(n, m, d) WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d))   // n * m
#define FDIV(n, m, d) WORD $(0x6e20fc00 | (m)<<16 | (n)<<5 | (d))   // n / m
#define FMAX(n, m, d) WORD $(0x4e20f400 | (m)<<16 | (n)<<5 | (d))
#define FADDP(n, m, d) WORD $(0x6e20d400 | (m)<<16 | (n)<<5 | (d))  // sums of neighbours
#define FMAXV(n, d)   WORD $(0x6e30f800 | (n)<<5 | (d))             // the largest of n
#define FABS(n, d)    WORD $(0x4ea0f800 | (n)<<5 | (d))
#define FRINTN(n, d)  WORD $(0x4e218800 | (n)<<5 | (d))             // to the nearest integer
#define FCVTNS(n, d)  WORD $(0x4e21a800 | (n)<<5 | (d))             // as an int32

// func widen(dst *float32, src *uint16, n int)
TEXT ·widen(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

next:
	VLD1.P 32(R1), [V0.H8, V1.H8]
	FCVTL(0, 2)
	FCVTL2(0, 3)
	FCVTL(1, 4)
	FCVTL2(1, 5)
	VST1.P [V2.S4, V3.S4, V4.S4, V5.S4], 64(R0)
	SUBS   $16, R2, R2
	BNE    next
	RET

// The constants of numbers.go, which R2 points to, into registers.
#define NUMBER(i, v) ADD $(i*32), R2, R3; VLD1R (R3), [v]
#define NUMBERS \
	NUMBER(0, V16.S4) \ // the least x
	NUMBER(1, V17.S4) \ // log2 e
	NUMBER(2, V18.S4) \ // ln 2, two parts
	NUMBER(3, V19.S4) \
	NUMBER(4, V20.S4) \ // Taylor's series
	NUMBER(5, V21.S4) \
	NUMBER(6, V22.S4) \
	NUMBER(7, V23.S4) \
	NUMBER(8, V24.S4) \
	NUMBER(9, V25.S4)   // 1

// EXP sets V2 to e^V0; V0, V1 and V3 are lost.
#define EXP \
	FMAX(0, 16, 0)                    \
	FMUL(0, 17, 1)                    \
	FRINTN(1, 1)                      \
	VFMLS V18.S4, V1.S4, V0.S4        \
	VFMLS V19.S4, V1.S4, V0.S4        \
	VORR  V21.B16, V21.B16, V3.B16    \
	VFMLA V20.S4, V0.S4, V3.S4        \
	VORR  V22.B16, V22.B16, V2.B16    \
	VFMLA V3.S4, V0.S4, V2.S4         \
	VORR  V23.B16, V23.B16, V3.B16    \
	VFMLA V2.S4, V0.S4, V3.S4         \
	VORR  V24.B16, V24.B16, V2.B16    \
	VFMLA V3.S4, V0.S4, V2.S4         \
	VORR  V25.B16, V25.B16, V3.B16    \
	VFMLA V2.S4, V0.S4, V3.S4         \
	VORR  V25.B16, V25.B16, V2.B16    \
	VFMLA V3.S4, V0.S4, V2.S4         \
	FCVTNS(1, 1)                      \
	VSHL  $23, V1.S4, V1.S4           \
	VADD  V1.S4, V2.S4, V2.S4

// func sumExp(x *float32, n int, numbers *[19][8]float32) float32
TEXT ·sumExp(SB), NOSPLIT, $0-28
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	MOVD numbers+16(FP), R2
	NUMBERS
	MOVD R0, R4
	MOVD R1, R5
	NUMBER(18, V4.S4) // -infinity

largest:
	VLD1.P 16(R4), [V0.S4]
	FMAX(0, 4, 4)
	SUBS   $4, R5, R5
	BNE    largest
	FMAXV(4, 4)
	VDUP   V4.S[0], V4.S4
	VEOR   V5.B16, V5.B16, V5.B16

next:
	VLD1   (R0), [V0.S4]
	FSUB(0, 4, 0)
	EXP
	VST1.P [V2.S4], 16(R0)
	FADD(5, 2, 5)
	SUBS   $4, R1, R1
	BNE    next
	FADDP(5, 5, 5)
	FADDP(5, 5, 5)
	FMOVS  F5, ret+24(FP)
	RET

// func gelu(x *float32, n int, numbers *[19][8]float32)
//
// x*Φ(x) = max(x, 0) - |x| * (1-Φ(|x|))
TEXT ·gelu(SB), NOSPLIT, $0-24
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	MOVD numbers+16(FP), R2
	NUMBERS
	NUMBER(11, V26.S4) // p
	NUMBER(12, V27.S4) // a5 and on
	NUMBER(13, V28.S4)
	NUMBER(14, V29.S4)
	NUMBER(15, V30.S4)
	NUMBER(16, V31.S4)
	NUMBER(17, V15.S4) // -1/2
	VEOR V14.B16, V14.B16, V14.B16

next:
	VLD1   (R0), [V4.S4]
	FABS(4, 5)
	VORR   V25.B16, V25.B16, V6.B16
	VFMLA  V26.S4, V5.S4, V6.S4      // 1 + p*|x|/√2
	FDIV(25, 6, 6)                   // t
	FMUL(4, 4, 0)
	FMUL(0, 15, 0)
	EXP
	VORR   V28.B16, V28.B16, V7.B16
	VFMLA  V27.S4, V6.S4, V7.S4
	VORR   V29.B16, V29.B16, V8.B16
	VFMLA  V7.S4, V6.S4, V8.S4
	VORR   V30.B16, V30.B16, V7.B16
	VFMLA  V8.S4, V6.S4, V7.S4
	VORR   V31.B16, V31.B16, V8.B16
	VFMLA  V7.S4, V6.S4, V8.S4
	FMUL(8, 6, 8)
	FMUL(8, 2, 8)                    // 1-Φ(|x|)
	FMAX(4, 14, 4)
	VFMLS  V8.S4, V5.S4, V4.S4
	VST1.P [V4.S4], 16(R0)
	SUBS   $4, R1, R1
	BNE    next
	RET
