import Kit
import Plugins
import Testing

@Suite struct MomentumEncoderTests {
    private func network(_ sizes: [Int]) throws -> Module {
        let options = Options(list: sizes.map { .int($0) })
        let plugin = try PluginRegistry.shared.make(kind: "head", name: "mlp", options: options)
        return try #require(try plugin.construct() as? Module)
    }

    private func bits(_ module: Module) -> [[Float]] { module.stateEntries().map(\.tensor.values) }

    @Test func aCopyHasTheSameValuesInMemoryOfItsOwn() throws {
        let network = try network([6, 5, 4])
        network.train(false)
        WeightSeed.reset(3)
        let next = try self.network([6, 4])
        WeightSeed.reset(3)
        let copy = try network.copied()
        #expect(bits(copy) == bits(network) && !copy.isTraining)
        #expect(bits(try self.network([6, 4])) == bits(next), "the copy drew from the recipe's stream")
        network.namedParameters()[0].tensor.pointer[0] += 1
        #expect(bits(copy) != bits(network))
    }

    @Test func aCopySharesWhereTheOriginalDoes() throws {
        func layer(_ name: String, _ modules: [Module]) throws -> Module {
            let plugin = try PluginRegistry.shared.make(
                kind: "layer", name: name, options: Options(list: modules.map { .object($0) }))
            return try #require(try plugin.construct() as? Module)
        }
        let shared = try network([6, 6])
        let original = try layer("chain", [shared, layer("branches", [layer("residual", [shared])]), network([6, 6])])
        let copy = try original.copied()
        #expect(bits(copy) == bits(original))
        let first = copy.children[0].module
        #expect(copy.children[1].module.children[0].module.children[0].module === first)
        #expect(first !== shared && copy.children[2].module !== first)
        #expect(try original.copied().children[0].module !== first)
    }

    @Test(arguments: [0, 0.25, 0.99, 1]) func followsByItsDecay(decay: Double) throws {
        let (trained, target) = (try network([6, 5, 4]), try network([6, 5, 4]))
        target.freeze()
        let (own, others) = (
            target.namedParameters().map(\.tensor.values), trained.namedParameters().map(\.tensor.values)
        )
        try target.follow(trained, decay: decay)
        for ((mine, theirs), moved) in zip(zip(own, others), target.namedParameters()) {
            for (index, value) in moved.tensor.values.enumerated() {
                let expected = decay * Double(mine[index]) + (1 - decay) * Double(theirs[index])
                #expect(abs(Double(value) - expected) < 1e-6)
            }
        }
        #expect(trained.namedParameters().map(\.tensor.values) == others)
    }

    @Test func aFrozenNetworkGetsNoGradients() throws {
        let (trained, target) = (try network([6, 4]), try network([6, 4]))
        let x = Tensor.ones([3, 6])
        target.freeze()
        try (trained(x) * target(x)).sum().backward()
        #expect(target.namedParameters().allSatisfy { $0.tensor.grad == nil })
        #expect(trained.namedParameters().allSatisfy { $0.tensor.grad != nil })
    }

    /// A step that `recompute` makes once more has moved the target already.
    @Test func movesOnceThoughComputedTwice() throws {
        let (trained, target) = (try network([6, 4]), try network([6, 4]))
        target.freeze()
        let once = try target.copied()
        once.freeze()
        try once.follow(trained, decay: 0.5)
        let x = Tensor.ones([4, 6])
        let y = try Recomputation.apply(to: [x]) { inputs in
            try target.follow(trained, decay: 0.5)
            return [try trained(inputs[0])]
        }
        try y[0].sum().backward()
        #expect(bits(target) == bits(once))
    }

    @Test func whatCannotFollowIsNamed() throws {
        let (trained, target) = (try network([6, 5, 4]), try network([6, 5, 4]))
        func message(_ body: () throws -> Void) -> String {
            #expect(throws: KitError.self) { try body() }?.message ?? ""
        }
        #expect(message { try target.follow(trained, decay: 0.9) }.hasSuffix("freeze() the module that follows"))
        target.freeze()
        #expect(message { try target.follow(trained, decay: 1.5) } == "follow: 'decay' must be in 0...1, but is 1.5")
        let other = try network([7, 5, 4])
        #expect(message { try target.follow(other, decay: 0.9) }.hasPrefix("follow: the networks differ: '"))
        #expect(message { try target.follow(try self.network([6, 5]), decay: 0.9) }.hasPrefix("follow: "))
        #expect(message { _ = try BatchNorm(2).copied() }.hasPrefix("copy: a BatchNorm(2) was not built by a plugin"))
    }
}
