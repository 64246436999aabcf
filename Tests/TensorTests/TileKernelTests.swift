import CKernels
import CTrappedTiles
import Glibc
import Kit
import TestSupport
import Testing

/// The kernels on tiles, where `ProductKernelTests` and `ProductPrecisionTests` do not look.
@Suite(.serialized, .alone("the instruction set")) struct TileKernelTests {
    /// Rows, depth and columns that leave tiles, blocks of tiles and passes over the depth unfilled, and shapes for vectors.
    private let extents = [
        (1, 40, 20), (3, 64, 33), (4, 16, 16), (5, 15, 40), (16, 17, 1), (17, 33, 15), (32, 64, 64), (33, 54, 47),
        (48, 512, 17), (49, 513, 70), (64, 147, 130), (70, 1100, 33), (100, 32, 48),
    ]

    /// The bits of all products of one shape, of factors in float32 or in bfloat16.
    private func products(
        _ kernels: dk_kernels, _ rows: Int, _ depth: Int, _ columns: Int, areNarrow: Bool = false
    ) throws -> [UInt32] {
        let (a, b) = (Pattern.tensor("a", [rows, depth]), Pattern.tensor("b", [depth, columns]))
        func given(_ tensor: Tensor) -> Tensor { areNarrow ? tensor.narrowed() : tensor }
        let packed = Tensor(repeating: .nan, [depth * ((columns + 15) / 16 * 16)])
        let scratch = Tensor(repeating: .nan, [rows * (depth + 1)])
        let (first, sums) = (Tensor(repeating: .nan, [rows, columns]), Pattern.tensor("c", [rows, columns]))
        kernels.narrow_pack(b.pointer, depth, columns, columns, 1, 0, depth, packed.pointer)
        let (left, right, turned) = (given(a), given(b), given(try a.transposed()))
        for (c, accumulate) in [(first, false), (sums, true)] {
            kernels.narrow_product(
                left.elements, depth, packed.pointer, accumulate ? UnsafePointer(c.pointer) : nil, columns, c.elements,
                columns, rows, depth, columns, scratch.pointer)
        }
        let outer = Pattern.tensor("c", [rows, columns])
        let more = Tensor(repeating: .nan, [(depth + 1) * (rows + columns)])
        kernels.narrow_outer_product(
            turned.elements, rows, right.elements, columns, outer.pointer, columns, depth, rows, columns, more.pointer)
        withExtendedLifetime((left, right, turned)) {}
        return [first, sums, outer].flatMap { $0.values.map(\.bitPattern) }
    }

    private func set(_ name: String) throws -> dk_kernels {
        try #require(
            (0...).lazy.map { dk_set($0) }.prefix { $0 != nil }.map { $0!.pointee }
                .first { String(cString: $0.capabilities.name) == name })
    }

    #if arch(x86_64)
        /// On a processor without a tile unit, its instructions are emulated one by one where the kernels' machine code has
        /// them. Their sums are then those of the emulated kernels, bit by bit. On one that has it, they are close.
        @Test func theMachineCodeComputesWhatTheEmulatedKernelsDo() throws {
            guard InstructionSet.available.contains("avx512_bf16") else { return }
            let (real, emulated) = (try set("amx_bf16"), try set("amx_bf16_emulated"))
            let hasTiles = real.obstacle() == nil
            for ((rows, depth, columns), areNarrow) in extents.flatMap({ [($0, false), ($0, true)] }) {
                let expected = try products(emulated, rows, depth, columns)
                if !hasTiles { #expect(trap_tiles()) }
                let given = try products(real, rows, depth, columns, areNarrow: areNarrow)
                if !hasTiles {
                    #expect((release_trap() > 0) == (rows >= 4 && depth >= 16))
                    #expect(!dk_emulated_is_configured())
                    #expect(given == expected, "\(rows) x \(depth) x \(columns)")
                }
                #expect(
                    zip(given, expected).allSatisfy { abs(Float(bitPattern: $0) - Float(bitPattern: $1)) < 1e-4 },
                    "\(rows) x \(depth) x \(columns)")
            }
        }
    #endif

    @Test func kernelsReleaseTheirTilesAndReadBothTypes() throws {
        let kernels = try set("amx_bf16_emulated")
        for (rows, depth, columns) in extents {
            let results = try [false, true].map { try products(kernels, rows, depth, columns, areNarrow: $0) }
            #expect(!dk_emulated_is_configured(), "\(rows) x \(depth) x \(columns)")
            #expect(results[0] == results[1], "\(rows) x \(depth) x \(columns): in bfloat16")
        }
    }

    /// Each byte of the configuration matters: the instructions of the kernel fit no other one. The exception is the start
    /// row, which clearing a tile sets to 0.
    @Test func aWrongConfigurationIsAFault() throws {
        let kernels = try set("amx_bf16_emulated")
        dk_emulated_keep_faults(true)
        defer {
            dk_emulated_keep_faults(false)
            dk_emulated_spoil(-1, 0)
        }
        for byte in 0..<64 where byte != 1 {
            for value: UInt8 in [0, 1, 15, 17, 60, 68] {
                // The upper bytes of row lengths, reserved bytes and shapes past the eighth tile are 0.
                let isZero =
                    byte > 1 && byte < 16 || byte >= 32 && byte < 48 || byte >= 56 || byte < 32 && byte % 2 == 1
                guard !(isZero && value == 0), !(byte == 0 && value == 1) else { continue }
                dk_emulated_spoil(Int32(byte), value)
                _ = try products(kernels, 32, 64, 64)
                #expect(dk_emulated_take_fault() != nil, "byte \(byte) as \(value)")
                dk_emulated_release()
            }
        }
        dk_emulated_spoil(-1, 0)
        _ = try products(kernels, 32, 64, 64)
        #expect(dk_emulated_take_fault() == nil)
    }

    @Test func bitsDoNotDependOnTheNumberOfThreads() throws {
        let before = InstructionSet.active
        try InstructionSet.use("amx_bf16_emulated")
        defer { try? InstructionSet.use(before) }
        let (x, w) = (Pattern.tensor("x", [3, 4, 20, 20, 24]), Pattern.tensor("w", [40, 1, 3, 3, 24]))
        let (rows, matrix) = (Pattern.tensor("rows", [300, 200]), Pattern.tensor("matrix", [65, 200]))
        for tensor in [x, w, rows, matrix] { tensor.requiresGrad = true }
        try expectSameBits("tiles") {
            for tensor in [x, w, rows, matrix] { tensor.grad = nil }
            return try ProductPrecision.bfloat16.used {
                let (y, z) = (try x.conv3d(weight: w, padding: [0, 1, 1]), try rows.linear(matrix, nil))
                try (y.squared().sum() + z.squared().sum()).backward()
                return [y, z] + [x, w, rows, matrix].map { $0.grad! }
            }
        }
    }

    @Test func theReasonsWhyTilesCannotBeUsed() {
        var support = dk_tile_support(
            has_tiles: true, has_bfloat16: true, fits_palette: true, is_enabled: true, refusal: 0)
        func obstacle(_ change: (inout dk_tile_support) -> Void) -> String? {
            var changed = support
            change(&changed)
            return dk_tile_obstacle(&changed).map { String(cString: $0) }
        }
        #expect(obstacle { _ in } == nil)
        #expect(obstacle { $0.has_tiles = false } == "the processor lacks amx_tile")
        #expect(obstacle { $0.has_bfloat16 = false } == "the processor lacks amx_bf16")
        #expect(obstacle { $0.fits_palette = false }?.hasPrefix("the processor's tiles have other shapes") == true)
        #expect(obstacle { $0.is_enabled = false } == "the operating system does not enable tiles")
        let refused = "Linux refused the permission for tiles: "
        #expect(obstacle { $0.refusal = ENOSPC } == refused + "a signal stack is too small for them")
        #expect(obstacle { $0.refusal = EINVAL } == refused + "it is older than 5.16")
        #expect(obstacle { $0.refusal = EOPNOTSUPP } == refused + "it does not support them on this machine")
        #expect(obstacle { $0.refusal = EPERM } == "Linux refused the permission for tiles")
        support.has_tiles = false
        #expect(obstacle { $0.refusal = EPERM } == "the processor lacks amx_tile")
    }
}
