using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Usage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "request_records",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    RequestId = table.Column<string>(type: "text", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    KeyId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<short>(type: "smallint", nullable: false),
                    Door = table.Column<string>(type: "text", nullable: false),
                    ModelAsked = table.Column<string>(type: "text", nullable: true),
                    ModelServed = table.Column<string>(type: "text", nullable: true),
                    Provider = table.Column<string>(type: "text", nullable: true),
                    CredentialHint = table.Column<string>(type: "text", nullable: true),
                    IsStream = table.Column<bool>(type: "boolean", nullable: false),
                    Status = table.Column<int>(type: "integer", nullable: false),
                    Outcome = table.Column<short>(type: "smallint", nullable: false),
                    ErrorCode = table.Column<string>(type: "text", nullable: true),
                    PromptTokens = table.Column<long>(type: "bigint", nullable: false),
                    CachedTokens = table.Column<long>(type: "bigint", nullable: false),
                    CompletionTokens = table.Column<long>(type: "bigint", nullable: false),
                    IsEstimated = table.Column<bool>(type: "boolean", nullable: false),
                    Picodollars = table.Column<long>(type: "bigint", nullable: true),
                    FirstByteMicroseconds = table.Column<long>(type: "bigint", nullable: true),
                    DurationMicroseconds = table.Column<long>(type: "bigint", nullable: false),
                    EdgeMicroseconds = table.Column<long>(type: "bigint", nullable: false),
                    Retries = table.Column<int>(type: "integer", nullable: false),
                    ClientAddress = table.Column<string>(type: "text", nullable: true),
                    App = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_request_records", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "usage_rollups",
                columns: table => new
                {
                    Hour = table.Column<long>(type: "bigint", nullable: false),
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<short>(type: "smallint", nullable: false),
                    Provider = table.Column<string>(type: "text", nullable: false),
                    Model = table.Column<string>(type: "text", nullable: false),
                    WriterId = table.Column<long>(type: "bigint", nullable: false),
                    Requests = table.Column<long>(type: "bigint", nullable: false),
                    Success = table.Column<long>(type: "bigint", nullable: false),
                    Errors = table.Column<long>(type: "bigint", nullable: false),
                    Filtered = table.Column<long>(type: "bigint", nullable: false),
                    RateLimited = table.Column<long>(type: "bigint", nullable: false),
                    Cancelled = table.Column<long>(type: "bigint", nullable: false),
                    PromptTokens = table.Column<long>(type: "bigint", nullable: false),
                    CachedTokens = table.Column<long>(type: "bigint", nullable: false),
                    CompletionTokens = table.Column<long>(type: "bigint", nullable: false),
                    Picodollars = table.Column<long>(type: "bigint", nullable: false),
                    Unpriced = table.Column<long>(type: "bigint", nullable: false),
                    LatencyMicroseconds = table.Column<long>(type: "bigint", nullable: false),
                    Latencies = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_rollups", x => new { x.ProjectId, x.Environment, x.Hour, x.Provider, x.Model, x.WriterId });
                });

            migrationBuilder.CreateTable(
                name: "usage_writers",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false),
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    SeenAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_writers", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_Environment_StartedAt",
                table: "request_records",
                columns: new[] { "ProjectId", "Environment", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_StartedAt",
                table: "request_records",
                column: "StartedAt");

            migrationBuilder.CreateIndex(
                name: "IX_usage_rollups_Hour_WriterId",
                table: "usage_rollups",
                columns: new[] { "Hour", "WriterId" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "request_records");

            migrationBuilder.DropTable(
                name: "usage_rollups");

            migrationBuilder.DropTable(
                name: "usage_writers");
        }
    }
}
