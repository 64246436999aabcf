import Kit

extension MViTv2: PublishedEncoder {
    static var landmark: String { "patch_embed.proj.weight" }

    /// Tells the size by the number of blocks, what it reads and the overlap by the first convolution. The rest is
    /// checked when weights are loaded.
    static func recognised(_ shapes: [String: Shape]) throws -> MViTv2 {
        let encoder = MViTv2()
        let numbers = shapes.keys.compactMap { name in
            name.hasPrefix("blocks.") ? Int(name.dropFirst(7).prefix { $0 != "." }) : nil
        }
        let blocks = (numbers.max() ?? -1) + 1
        let sizes: [(size: Size, blocks: Int)] = [(.s, 16), (.b, 24)]
        guard let size = sizes.first(where: { $0.blocks == blocks })?.size else {
            let nearest = sizes.min { abs($0.blocks - blocks) < abs($1.blocks - blocks) }
            throw KitError(
                .badData,
                "mvitv2 has 16 blocks (s) or 24 (b), but these weights have \(blocks): the nearest is "
                    + "\(nearest?.size.rawValue ?? "s")")
        }
        encoder.size = size
        guard let kernel = shapes[landmark]?.extents, kernel.count == 4 || kernel.count == 5 else {
            throw KitError(.badData, "mvitv2: '\(landmark)' must have 4 axes (audio) or 5 (video)")
        }
        encoder.modality = kernel.count == 5 ? .video : .audio
        if encoder.modality == .audio { encoder.channels = kernel[1] }
        for overlap in [false, true] {
            encoder.overlap = overlap
            let plan = encoder.plan
            if kernel == [plan.blocks[0].attention.inputs, plan.inputs] + plan.patchKernel { return encoder }
        }
        throw KitError(.badData, "mvitv2: '\(landmark)' has the unknown shape \(kernel)")
    }

    /// 3 s, as in the authors' code: 16 frames of 224 x 224 with values from 0 to 1, or a mono spectrogram in decibels.
    var publishedClips: ClipSettings {
        var clips = ClipSettings()
        if modality == .video {
            (clips.mean, clips.deviation) = ([0, 0, 0], [1, 1, 1])
        } else {
            clips.frames = nil
            clips.mel = try? LogMel(channels == 1 ? .v2Mono : .v2)
        }
        return clips
    }
}
