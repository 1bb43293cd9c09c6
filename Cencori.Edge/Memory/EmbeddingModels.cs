using System.Collections.Frozen;

namespace Cencori.Edge.Memory;

/// <summary>Facts about embedding models.</summary>
internal static class EmbeddingModels
{
    /// <summary>For a namespace that names no model.</summary>
    public const string Usual = "text-embedding-3-small";

    /// <summary>Dimensions of a vector at most.</summary>
    public const int MaxDimensions = 4096;

    /// <summary>For a model that is not listed here.</summary>
    public const int UsualDimensions = 1536;

    /// <summary>For a search in a namespace without a threshold of its own.</summary>
    public const double UsualThreshold = 0.7;

    // Dimensions of each model when a request asks for no other number; from the providers' documentation.
    private static readonly FrozenDictionary<string, int> Native = new Dictionary<string, int>
    {
        ["text-embedding-3-small"] = 1536,
        ["text-embedding-3-large"] = 3072,
        ["text-embedding-ada-002"] = 1536,
        ["mistral-embed"] = 1024,
        ["codestral-embed"] = 1536,
        ["gemini-embedding-001"] = 3072,
        ["nomic-embed-text"] = 768,
        ["mxbai-embed-large"] = 1024,
        ["all-minilm"] = 384,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // These models score good hits at 0.3 to 0.6. Older models score noise at 0.7.
    private static readonly FrozenDictionary<string, double> Thresholds = new Dictionary<string, double>
    {
        ["text-embedding-3-small"] = 0.3,
        ["text-embedding-3-large"] = 0.3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The listed models, as suggestions for a choice.</summary>
    public static IEnumerable<string> Known => Native.Keys.Order(StringComparer.Ordinal);

    /// <summary>The dimensions of this model's vectors by default.</summary>
    public static int DimensionsOf(string model) => Native.GetValueOrDefault(Bare(model), UsualDimensions);

    /// <summary>Whether these are the model's default dimensions. Some models reject a request that names dimensions.</summary>
    public static bool IsNative(string model, int dimensions) => Native.TryGetValue(Bare(model), out var native) && native == dimensions;

    /// <summary>The threshold of a search that names none.</summary>
    public static double ThresholdOf(string model) => Thresholds.GetValueOrDefault(Bare(model), UsualThreshold);

    private static string Bare(string model) => model[(model.LastIndexOfAny(['/', ':']) + 1)..];
}
