using System.Collections.Frozen;

namespace Cencori.Edge.Memory;

/// <summary>Default dimensions and similarity thresholds of embedding models.</summary>
internal static class EmbeddingModels
{
    /// <summary>The embedding model of a namespace that names none.</summary>
    public const string DefaultModel = "text-embedding-3-small";

    /// <summary>Maximum number of dimensions of a vector.</summary>
    public const int MaxDimensions = 4096;

    /// <summary>Number of dimensions of a model that is not listed here.</summary>
    public const int DefaultDimensions = 1536;

    /// <summary>Threshold of a model that is not listed here: the minimum similarity of a result.</summary>
    public const double DefaultThreshold = 0.7;

    // Dimensions of each model if a request does not name a number; from the providers' documentation.
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

    // With these models, good results have a similarity of 0.3 to 0.6. With older models, irrelevant texts have 0.7.
    private static readonly FrozenDictionary<string, double> Thresholds = new Dictionary<string, double>
    {
        ["text-embedding-3-small"] = 0.3,
        ["text-embedding-3-large"] = 0.3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The models that are listed here, as suggestions for a form.</summary>
    public static IEnumerable<string> Known => Native.Keys.Order(StringComparer.Ordinal);

    /// <summary>The model's default number of dimensions.</summary>
    public static int DimensionsOf(string model) => Native.GetValueOrDefault(Bare(model), DefaultDimensions);

    /// <summary>Whether this is the model's default number of dimensions. The request then omits it, because some models reject a request that names dimensions.</summary>
    public static bool IsNative(string model, int dimensions) => Native.TryGetValue(Bare(model), out var native) && native == dimensions;

    /// <summary>The threshold of a search with this model that names no threshold.</summary>
    public static double ThresholdOf(string model) => Thresholds.GetValueOrDefault(Bare(model), DefaultThreshold);

    private static string Bare(string model) => model[(model.LastIndexOfAny(['/', ':']) + 1)..];
}
