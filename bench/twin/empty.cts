// The emptiest app of TypeScript CDK, as bench/apps/empty.py is that of Python CDK. Takes cdk.json; writes to CDK_OUTDIR.

const { App, CfnResource, Stack }: typeof import('aws-cdk-lib') = require('aws-cdk-lib');
const { readFileSync }: typeof import('node:fs') = require('node:fs');

const app = new App({
  context: JSON.parse(readFileSync(process.argv[2], 'utf8')).context,
  postCliContext: {
    'aws:cdk:enable-path-metadata': false,
    'aws:cdk:enable-asset-metadata': false,
    'aws:cdk:version-reporting': false,
    'aws:cdk:disable-creation-stack-traces': true,
  },
  analyticsReporting: false,
  treeMetadata: false,
  stackTraces: false,
});
new CfnResource(new Stack(app, 'Empty'), 'Nothing', { type: 'AWS::CloudFormation::WaitConditionHandle' });
app.synth();
