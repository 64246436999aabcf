import Foundation
import Kit
import TestSupport
import Testing

/// A fixed recipe, seed and instruction set give the same bits from one version of the kit to the next.
@Suite struct TrainingBitsTests {
    /// Digests of the small training run's last checkpoint. A change of a kernel, an op or the order of a reduction changes
    /// them: such a change is made on purpose, and says in its commit which op gives other bits and why.
    ///
    /// The optimizer's has changed once with the layout of its file, when AdamW's counts of steps got entries of their own: the
    /// values, written in the former layout, still had the former digest.
    private static let digests = [
        "model": "e35d41a76e5b76903c860524fb12cea9a08346c8ef44122ba3db7d85605f8fc1",
        "optimizer": "ffdd578d2678da96fcfc712adcac3dd775f134b52663c89fb5c7bbb17871c006",
        "average": "0b4ac6f5cfbd164a8d850c534e0def7d12debf7a3cd63eec813cad918fe64f10",
    ]

    #if arch(x86_64)
        private static let hasDigests = true
    #else
        private static let hasDigests = false
    #endif

    @Test(.enabled(if: hasDigests, "the digests are those of x86-64 processors"))
    func aSmallTrainingHasTheBitsThatItAlwaysHad() throws {
        try Fixtures.withTemporaryFolder { runs in
            let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appendingPathComponent("TrainingProgram")
            var process = ChildProcess(program.path, [runs.path])
            process.standardOutput = FileHandle.nullDevice.fileDescriptor
            // The instructions that every x86-64 processor has, in the kit, in OpenBLAS and in the C library.
            process.environment = [
                "DUBKIT_ISA": "baseline", "OPENBLAS_CORETYPE": "Prescott",
                "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
            ]
            #expect(try process.run() == .exit(0))
            let tiny = runs.appendingPathComponent("tiny").path
            let run = try #require(try DiskFileSystem().names(in: tiny).first)
            for (name, digest) in Self.digests {
                let data = try Data(contentsOf: URL(fileURLWithPath: "\(tiny)/\(run)/latest/\(name).safetensors"))
                #expect(SHA256.digest(of: data) == digest, "\(name).safetensors")
            }
        }
    }
}
