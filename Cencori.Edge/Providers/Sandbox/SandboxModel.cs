using System.Globalization;

namespace Cencori.Edge.Providers.Sandbox;

internal enum SandboxBehaviour
{
    Canned,
    Echo,
    Slow,
    Burst,
    Failing,
    BreakingStream,
    Silent,
}

/// <summary>A model of the sandbox.</summary>
/// <param name="Name">The name as the request has it. Every response repeats it.</param>
/// <param name="Behaviour">How the model responds.</param>
/// <param name="Number">The number of tokens of a burst, or the HTTP status of a failure. 0 for other models.</param>
internal sealed record SandboxModel(string Name, SandboxBehaviour Behaviour, int Number = 0)
{
    public const string Prefix = "sandbox/";

    // Maximum length of a model name, because every chunk of a stream repeats the name.
    public const int LongestName = 256;

    private const string BurstPrefix = "burst-";
    private const int LargestBurst = 10_000;

    /// <summary>The models in the model list. The sandbox accepts any other name too, such as the name of a real model, and responds in its place.</summary>
    public static IReadOnlyList<string> Listed { get; } =
    [
        "echo", "slow", "silent", "burst-2000", "error-400", "error-401", "error-429", "error-500", "error-503", "error-stream",
    ];

    public int TokensPerDelta => Behaviour is SandboxBehaviour.Slow or SandboxBehaviour.Burst ? 1 : 3;

    public static SandboxModel Parse(string name)
    {
        var bare = WithoutPrefix(name);
        return bare switch
        {
            "echo" => new(name, SandboxBehaviour.Echo),
            "slow" => new(name, SandboxBehaviour.Slow),
            "silent" => new(name, SandboxBehaviour.Silent),
            "error-stream" => new(name, SandboxBehaviour.BreakingStream),
            "error-400" => new(name, SandboxBehaviour.Failing, 400),
            "error-401" => new(name, SandboxBehaviour.Failing, 401),
            "error-429" => new(name, SandboxBehaviour.Failing, 429),
            "error-500" => new(name, SandboxBehaviour.Failing, 500),
            "error-503" => new(name, SandboxBehaviour.Failing, 503),
            _ when BurstSize(bare) is { } size => new(name, SandboxBehaviour.Burst, size),
            _ => new(name, SandboxBehaviour.Canned),
        };
    }

    public static string WithoutPrefix(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    private static int? BurstSize(string bare) =>
        bare.StartsWith(BurstPrefix, StringComparison.Ordinal)
        && int.TryParse(bare.AsSpan(BurstPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? Math.Clamp(size, 1, LargestBurst)
            : null;
}
