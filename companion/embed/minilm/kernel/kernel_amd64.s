#include "textflag.h"

// A tile's result is in Y0 to Y11, two registers a row. Y12 and Y13 hold one row of b, Y14
// and Y15 one number of a, eight times.
//
//	AX  a, row 0     BX  a, row 3     R8   bytes between rows of a
//	DX  b            R9  bytes between rows of b
//	SI  init         R10 bytes between rows of init
//	DI  c            R11 bytes between rows of c
//	CX  pairs of numbers that are left, R12 whether one follows them

#define ARGUMENTS \
	MOVQ k+0(FP), CX       \
	MOVQ a+8(FP), AX       \
	MOVQ lda+16(FP), R8    \
	MOVQ b+24(FP), DX      \
	MOVQ ldb+32(FP), R9    \
	MOVQ init+40(FP), SI   \
	MOVQ ldinit+48(FP), R10 \
	MOVQ c+56(FP), DI      \
	MOVQ ldc+64(FP), R11   \
	SHLQ $2, R8            \
	SHLQ $2, R9            \
	SHLQ $2, R10           \
	SHLQ $2, R11           \
	LEAQ (AX)(R8*2), BX    \
	ADDQ R8, BX            \
	MOVQ CX, R12           \
	ANDQ $1, R12           \
	SHRQ $1, CX

#define INIT(lo, hi) VMOVUPS (SI), lo; VMOVUPS 32(SI), hi; ADDQ R10, SI
#define INIT1 INIT(Y0, Y1)
#define INIT2 INIT1; INIT(Y2, Y3)
#define INIT3 INIT2; INIT(Y4, Y5)
#define INIT4 INIT3; INIT(Y6, Y7)
#define INIT5 INIT4; INIT(Y8, Y9)
#define INIT6 INIT5; INIT(Y10, Y11)

#define STORE(lo, hi) VMOVUPS lo, (DI); VMOVUPS hi, 32(DI); ADDQ R11, DI
#define STORE1 STORE(Y0, Y1)
#define STORE2 STORE1; STORE(Y2, Y3)
#define STORE3 STORE2; STORE(Y4, Y5)
#define STORE4 STORE3; STORE(Y6, Y7)
#define STORE5 STORE4; STORE(Y8, Y9)
#define STORE6 STORE5; STORE(Y10, Y11)

// STEP adds one number of a, d bytes from where its row stands, times one row of b.
#define FMA(x, lo, hi) VFMADD231PS Y12, x, lo; VFMADD231PS Y13, x, hi
#define STEP1(d) VBROADCASTSS d(AX), Y14; FMA(Y14, Y0, Y1)
#define STEP2(d) STEP1(d); VBROADCASTSS d(AX)(R8*1), Y15; FMA(Y15, Y2, Y3)
#define STEP3(d) STEP2(d); VBROADCASTSS d(AX)(R8*2), Y14; FMA(Y14, Y4, Y5)
#define STEP4(d) STEP3(d); VBROADCASTSS d(BX), Y15; FMA(Y15, Y6, Y7)
#define STEP5(d) STEP4(d); VBROADCASTSS d(BX)(R8*1), Y14; FMA(Y14, Y8, Y9)
#define STEP6(d) STEP5(d); VBROADCASTSS d(BX)(R8*2), Y15; FMA(Y15, Y10, Y11)

#define TILE(INITS, STEP, STORES) \
	ARGUMENTS \
	INITS \
	TESTQ CX, CX \
	JZ    last \
pairs: \
	VMOVUPS (DX), Y12 \
	VMOVUPS 32(DX), Y13 \
	STEP(0) \
	VMOVUPS (DX)(R9*1), Y12 \
	VMOVUPS 32(DX)(R9*1), Y13 \
	STEP(4) \
	LEAQ (DX)(R9*2), DX \
	ADDQ $8, AX \
	ADDQ $8, BX \
	DECQ CX \
	JNZ  pairs \
last: \
	TESTQ R12, R12 \
	JZ    done \
	VMOVUPS (DX), Y12 \
	VMOVUPS 32(DX), Y13 \
	STEP(0) \
done: \
	STORES \
	VZEROUPPER \
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

// func widen(dst *float32, src *uint16, n int)
TEXT ·widen(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX

next:
	VCVTPH2PS (SI), Y0
	VCVTPH2PS 16(SI), Y1
	VMOVUPS   Y0, (DI)
	VMOVUPS   Y1, 32(DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JNZ       next
	VZEROUPPER
	RET

// The constants of numbers.go, which DX points to.
#define LEAST     (0*32)(DX)
#define LOG2E     (1*32)(DX)
#define LN2A      (2*32)(DX)
#define LN2B      (3*32)(DX)
#define TAYLOR6   (4*32)(DX)
#define TAYLOR5   (5*32)(DX)
#define TAYLOR4   (6*32)(DX)
#define TAYLOR3   (7*32)(DX)
#define TAYLOR2   (8*32)(DX)
#define ONE       (9*32)(DX)
#define MAGNITUDE (10*32)(DX)
#define P         (11*32)(DX)
#define A5        (12*32)(DX)
#define A4        (13*32)(DX)
#define A3        (14*32)(DX)
#define A2        (15*32)(DX)
#define A1        (16*32)(DX)
#define MINUSHALF (17*32)(DX)
#define MINUSINF  (18*32)(DX)

// EXP sets e to e^x; n is lost, x too.
#define EXP(x, n, e) \
	VMAXPS       LEAST, x, x   \
	VMULPS       LOG2E, x, n   \
	VROUNDPS     $0, n, n      \ // to the nearest
	VFNMADD231PS LN2A, n, x    \
	VFNMADD231PS LN2B, n, x    \
	VMOVUPS      TAYLOR6, e    \
	VFMADD213PS  TAYLOR5, x, e \
	VFMADD213PS  TAYLOR4, x, e \
	VFMADD213PS  TAYLOR3, x, e \
	VFMADD213PS  TAYLOR2, x, e \
	VFMADD213PS  ONE, x, e     \
	VFMADD213PS  ONE, x, e     \
	VCVTPS2DQ    n, n          \
	VPSLLD       $23, n, n     \
	VPADDD       n, e, e

// func sumExp(x *float32, n int, numbers *[19][8]float32) float32
TEXT ·sumExp(SB), NOSPLIT, $0-28
	MOVQ    x+0(FP), SI
	MOVQ    n+8(FP), CX
	MOVQ    numbers+16(FP), DX
	MOVQ    SI, DI
	MOVQ    CX, R8
	VMOVUPS MINUSINF, Y0

largest:
	VMAXPS (DI), Y0, Y0
	ADDQ   $32, DI
	SUBQ   $8, R8
	JNZ    largest

	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0x4e, X0, X1 // 2 3 0 1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0xb1, X0, X1 // 1 0 3 2
	VMAXPS       X1, X0, X0
	VBROADCASTSS X0, Y4

	VXORPS Y5, Y5, Y5

next:
	VMOVUPS (SI), Y0
	VSUBPS  Y4, Y0, Y0
	EXP(Y0, Y1, Y2)
	VMOVUPS Y2, (SI)
	VADDPS  Y2, Y5, Y5
	ADDQ    $32, SI
	SUBQ    $8, CX
	JNZ     next

	VEXTRACTF128 $1, Y5, X1
	VADDPS       X1, X5, X0
	VPERMILPS    $0x4e, X0, X1
	VADDPS       X1, X0, X0
	VPERMILPS    $0xb1, X0, X1
	VADDPS       X1, X0, X0
	VMOVSS       X0, ret+24(FP)
	VZEROUPPER
	RET

// func gelu(x *float32, n int, numbers *[19][8]float32)
//
// x*Φ(x) = max(x, 0) - |x| * (1-Φ(|x|))
TEXT ·gelu(SB), NOSPLIT, $0-24
	MOVQ   x+0(FP), SI
	MOVQ   n+8(FP), CX
	MOVQ   numbers+16(FP), DX
	VXORPS Y7, Y7, Y7

next:
	VMOVUPS     (SI), Y4
	VANDPS      MAGNITUDE, Y4, Y5
	VMOVUPS     ONE, Y6
	VMOVUPS     P, Y3
	VFMADD213PS ONE, Y5, Y3       // 1 + p*|x|/√2
	VDIVPS      Y3, Y6, Y6        // t
	VMULPS      Y4, Y4, Y0
	VMULPS      MINUSHALF, Y0, Y0
	EXP(Y0, Y1, Y2)
	VMOVUPS     A5, Y3
	VFMADD213PS A4, Y6, Y3
	VFMADD213PS A3, Y6, Y3
	VFMADD213PS A2, Y6, Y3
	VFMADD213PS A1, Y6, Y3
	VMULPS      Y6, Y3, Y3
	VMULPS      Y2, Y3, Y3        // 1-Φ(|x|)
	VMAXPS      Y7, Y4, Y4
	VFNMADD231PS Y3, Y5, Y4
	VMOVUPS     Y4, (SI)
	ADDQ        $32, SI
	SUBQ        $8, CX
	JNZ         next
	VZEROUPPER
	RET

// func hasF16C() bool
TEXT ·hasF16C(SB), NOSPLIT, $0-1
	MOVL $1, AX
	XORL CX, CX
	CPUID
	SHRL $29, CX
	ANDL $1, CX
	MOVB CX, ret+0(FP)
	RET
