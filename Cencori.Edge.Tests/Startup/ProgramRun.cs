using System.Text;

namespace Cencori.Edge.Tests.Startup;

/// <summary>
/// Runs the edge's entry point to its end inside the test process, with its own console. A new process would take a second to compile
/// what is compiled here already. Tests about a process or its directory start one, see <see cref="Infrastructure.Edges.EdgeProcess"/>.
/// </summary>
internal static class ProgramRun
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly AsyncLocal<(TextWriter Output, TextWriter Errors)?> Console = new();

    static ProgramRun()
    {
        System.Console.SetOut(new FlowWriter(System.Console.Out, console => console.Output));
        System.Console.SetError(new FlowWriter(System.Console.Error, console => console.Errors));
    }

    /// <param name="arguments">The command line. Files that it does not name are read from the tests' directory.</param>
    public static async Task<(int Code, string Output, string Errors)> ToEndAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var running = Task.Factory.StartNew(
            () =>
            {
                Console.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
                return (int)typeof(Program).Assembly.EntryPoint!.Invoke(null, [arguments])!;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var code = await running.WaitAsync(Timeout, TimeProvider.System);
        return (code, $"{output}".TrimEnd('\n'), $"{errors}".TrimEnd('\n'));
    }

    /// <summary>Writes to the console of the program that runs in the current async flow. If none runs in it, writes to the original console.</summary>
    private sealed class FlowWriter(TextWriter before, Func<(TextWriter Output, TextWriter Errors), TextWriter> writer) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        private TextWriter Current => Console.Value is { } console ? writer(console) : before;

        public override void Write(char value) => Current.Write(value);

        public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

        public override void Write(string? value) => Current.Write(value);

        public override void Flush() => Current.Flush();
    }
}
