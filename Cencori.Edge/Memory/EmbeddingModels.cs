using System.Collections.Frozen;

namespace Cencori.Edge.Memory;

/// <summary>What is known of models that embed.</summary>
internal static class EmbeddingModels
{
    /// <summary>Of a namespace that names none.</summary>
    public const string Usual = "text-embedding-3-small";

    /// <summary>Numbers of a vector at most.</summary>
    public const int MaxDimensions = 4096;

    /// <summary>A model that nobody here knows.</summary>
    public const int UsualDimensions = 1536;

    /// <summary>Of a search in a namespace that has no threshold of its own.</summary>
    public const double UsualThreshold = 0.7;

    // Numbers of each vector where a request does not ask for fewer; from the providers' own pages.
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

    // Good hits lie at 0.3 to 0.6 with these models, where older ones rate noise at 0.7.
    private static readonly FrozenDictionary<string, double> Thresholds = new Dictionary<string, double>
    {
        ["text-embedding-3-small"] = 0.3,
        ["text-embedding-3-large"] = 0.3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Those whose vectors are known, for whoever chooses one.</summary>
    public static IEnumerable<string> Known => Native.Keys.Order(StringComparer.Ordinal);

    /// <summary>The numbers of a vector of this model, unless somebody asks for another count.</summary>
    public static int DimensionsOf(string model) => Native.GetValueOrDefault(Bare(model), UsualDimensions);

    /// <summary>A model gives vectors of this length without being asked. Some refuse to be asked.</summary>
    public static bool IsNative(string model, int dimensions) => Native.TryGetValue(Bare(model), out var native) && native == dimensions;

    /// <summary>What a search without a threshold takes.</summary>
    public static double ThresholdOf(string model) => Thresholds.GetValueOrDefault(Bare(model), UsualThreshold);

    private static string Bare(string model) => model[(model.LastIndexOfAny(['/', ':']) + 1)..];
}
