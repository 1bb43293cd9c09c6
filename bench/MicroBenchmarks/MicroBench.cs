using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;

namespace Cencori.Edge.Bench.Micro;

/// <summary>The cost of single parts of the request pipeline. Takes BenchmarkDotNet's arguments.</summary>
internal static class MicroBench
{
    private static void Main(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(MicroBench).Assembly).Run(
        args,
        DefaultConfig.Instance.AddDiagnoser(MemoryDiagnoser.Default)
            .WithBuildTimeout(TimeSpan.FromMinutes(15))
            .HideColumns(Column.Gen0, Column.Gen1, Column.Gen2, Column.Error, Column.Median, Column.InvocationCount, Column.UnrollFactor));
}
