using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Runtime;
using Cencori.Edge.Tests.Infrastructure;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework($"Cencori.Edge.Tests.Infrastructure.{nameof(SlowestTests)}", "Cencori.Edge.Tests")]
[assembly: TestCollectionOrderer($"Cencori.Edge.Tests.Infrastructure.{nameof(SlowestFirst)}", "Cencori.Edge.Tests")]

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// Reports the ten slowest tests at the end of a run, and further tests that took more than <see cref="LongSeconds"/> without a reason. A test that must
/// be slow gives its reason in a trait <see cref="Trait"/>.
/// </summary>
public sealed class SlowestTests(IMessageSink diagnostics) : XunitTestFramework(diagnostics)
{
    public const string Trait = "Slow";

    private const int Listed = 10;
    private const decimal LongSeconds = 5;

    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) => new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private static void Report(IMessageSink diagnostics, IEnumerable<ITestFinished> tests)
    {
        foreach (var test in tests.OrderByDescending(test => test.ExecutionTime).Where((test, place) => place < Listed || (test.ExecutionTime > LongSeconds && !test.TestCase.Traits.ContainsKey(Trait))))
        {
            var reason = test.TestCase.Traits.TryGetValue(Trait, out var reasons) ? string.Join("; ", reasons)
                : test.ExecutionTime > LongSeconds ? $"It has no trait '{Trait}' that says why."
                : "";
            diagnostics.OnMessage(new DiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{test.ExecutionTime,6:0.0} s  {test.Test.DisplayName}  {reason}").TrimEnd()));
        }
    }

    private static string Usage() => string.Create(
        CultureInfo.InvariantCulture,
        $"This process used {Environment.CpuUsage.TotalTime.TotalSeconds:0} s of processor time, of which compilation {JitInfo.GetCompilationTime().TotalSeconds:0} s. Garbage collections paused it for {GC.GetTotalPauseDuration().TotalSeconds:0} s, and it allocated {GC.GetTotalAllocatedBytes() >> 30} GiB.");

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink diagnostics) : XunitTestFrameworkExecutor(assembly, sources, diagnostics)
    {
        protected override async void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            var finished = new Finished(executionMessageSink);
            using var runner = new QuietLast(TestAssembly, testCases.Select(test => new FreshProviderCase(test)).ToList(), DiagnosticMessageSink, finished, executionOptions);
            await runner.RunAsync();
            DiagnosticMessageSink.OnMessage(new DiagnosticMessage(Usage()));
            Report(DiagnosticMessageSink, finished.Tests);
        }
    }

    private sealed class QuietLast(ITestAssembly assembly, IEnumerable<IXunitTestCase> all, IMessageSink diagnostics, IMessageSink sink, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, all, diagnostics, sink, options)
    {
        protected override async Task<RunSummary> RunTestCollectionsAsync(IMessageBus messageBus, CancellationTokenSource cancellationTokenSource)
        {
            var summary = new RunSummary();
            foreach (var part in TestCases.ToLookup(test => test.Traits.ContainsKey(Quiet.Trait)).OrderBy(part => part.Key))
            {
                TestCases = part;
                summary.Aggregate(await base.RunTestCollectionsAsync(messageBus, cancellationTokenSource));
            }

            return summary;
        }
    }

    private sealed class Finished(IMessageSink next) : LongLivedMarshalByRefObject, IMessageSink
    {
        public ConcurrentQueue<ITestFinished> Tests { get; } = [];

        public bool OnMessage(IMessageSinkMessage message)
        {
            if (message is ITestFinished test)
            {
                Tests.Enqueue(test);
            }

            return next.OnMessage(message);
        }
    }
}

/// <summary>Starts with the classes that have slow tests, so that none runs alone at the end.</summary>
public sealed class SlowestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => SlowTests(collection.DisplayName.Split(' ')[^1]));

    private static int SlowTests(string className) => Assembly.GetExecutingAssembly().GetType(className) is { } type
        ? type.GetMethods().Prepend<MemberInfo>(type).Count(member => member.CustomAttributes.Any(IsSlow))
        : 0;

    private static bool IsSlow(CustomAttributeData attribute) =>
        attribute.AttributeType == typeof(TraitAttribute) && Equals(attribute.ConstructorArguments[0].Value, SlowestTests.Trait);
}
