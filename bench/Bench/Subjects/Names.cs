namespace Cencori.Edge.Bench.Subjects;

/// <summary>Names of subjects that others are compared with.</summary>
internal static class Names
{
    public const string Bare = "bare YARP";
    public const string Memory = "edge, memory";
    public const string Unmetered = "edge, memory, unmetered";
    public const string Redis = "edge, Redis";
    public const string TwoEdges = "two edges, Redis";
    public const string Portkey = "Portkey";
    public const string WorkingTree = "working tree";
}
